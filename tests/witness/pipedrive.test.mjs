// Pipedrive's official client against the fake, then our preset against the same: equal records.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Configuration, OrganizationsApi, PersonsApi } from 'pipedrive/v2';

import { FakePipedrive } from './fakes/pipedrive.mjs';
import { Configured, Sandbox, assertSameRecords, until } from './reading.mjs';

const ORGANIZATIONS = 1203;
const PERSONS = 777;
const START = Date.parse('2026-01-01T00:00:00Z');

let fake;
let crm;
let clients;

before(async () => {
  fake = new FakePipedrive(ORGANIZATIONS, PERSONS);
  const url = await fake.start();
  const configuration = new Configuration({ basePath: `${url}/api/v2`, apiKey: FakePipedrive.TOKEN });
  clients = {
    organizations: (query) => new OrganizationsApi(configuration).getOrganizations(query),
    persons: (query) => new PersonsApi(configuration).getPersons(query),
  };
  crm = new Configured(`
type: pipedrive
base_url: ${url}
api_token: "\${env:PIPEDRIVE_API_TOKEN}"
`, { env: { PIPEDRIVE_API_TOKEN: FakePipedrive.TOKEN } });
});

after(async () => {
  await fake.stop();
  crm.remove();
});

async function byClient(kind, query = {}) {
  const rows = [];
  let cursor;
  do {
    const answer = await clients[kind]({ limit: 500, ...query, ...(cursor ? { cursor } : {}) });
    rows.push(...answer.data);
    cursor = answer.additional_data.next_cursor;
  } while (cursor);
  return rows;
}

test('lists what the official client lists', async () => {
  for (const kind of ['organizations', 'persons']) {
    const theirs = await byClient(kind);
    assert.equal(theirs.length, kind === 'organizations' ? ORGANIZATIONS : PERSONS);
    assertSameRecords(await crm.list(kind), theirs);
  }
});

test('a person is linked to its organization', async () => {
  const lines = await crm.read('persons', 'list');
  for (const line of lines) {
    const org = line.record.org_id;
    assert.deepEqual(line.related, org === null ? [] : [`organizations ${org}`]);
  }
});

test('finds what changed since a moment, as the official client does', async () => {
  const edited = [3, 500, 501, 1203].map((id) => fake.put('organizations', id, { name: `New ${id}` }));
  const since = edited[0].update_time;
  const theirs = await byClient('organizations', { updated_since: since });
  assert.equal(theirs.length, 4);
  const first = await crm.changes('organizations', Date.parse(since));
  const found = new Map(first.notices.map((line) => [line.id, line.record]));
  for (const row of theirs) assert.deepEqual(found.get(String(row.id)), row);
  // From there on: only what is new, and what lies in the overlap.
  fake.clock.ms += 600_000;
  const later = fake.put('organizations', 77, { name: 'Later' });
  const second = await crm.changes('organizations', START, first.cursor);
  assert.deepEqual(second.notices.find((line) => line.id === '77')?.record, later);
  assert.ok(second.notices.length < 10, `${second.notices.length} notices`);
});

test('reads by id, and tells which ids there are none of', async () => {
  fake.remove('persons', 5);
  const lines = await crm.read('persons', 'read', 4, 5, 6);
  assert.deepEqual(lines.filter((line) => line.record).map((line) => line.id).sort(), ['4', '6']);
  assert.deepEqual(lines.filter((line) => line.missing), [{ missing: '5', archived: false }]);
});

test('the daemon follows webhooks, changes, deletions and merges into Assembly', async () => {
  const small = new FakePipedrive(4, 4);
  const url = await small.start();
  const sandbox = new Sandbox();
  const assembly = await sandbox.start();
  const followed = new Configured(`
type: pipedrive
base_url: ${url}
api_token: "\${env:PIPEDRIVE_API_TOKEN}"
webhook_secrets: ["\${env:LOGIN}"]
poll_seconds: 1
`, { assembly, env: { PIPEDRIVE_API_TOKEN: FakePipedrive.TOKEN, LOGIN: 'hook:word' }, more: `
mappings:
  - name: organizations
    from: crm.organizations
    to: company
    key: concat("org-", id)
    fields: {name: name, domain: 'concat("org", id, ".test")'}
    on_delete: delete
  - name: persons
    from: crm.persons
    to: contact
    key: concat("person-", id)
    company: concat("org-", org_id)
    fields: {name: name, domain: 'emails[0].value'}
    on_delete: delete
` });
  const { code, err } = await followed.sync('backfill');
  assert.equal(code, 0, err);
  const daemon = await followed.start();
  const hook = (meta, login = 'hook:word') => fetch(`${daemon.webhooks}/hooks/crm`, {
    method: 'POST', headers: { Authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    body: JSON.stringify({ meta: { id: `${meta.action}-${meta.entity_id}`, version: '2.0', ...meta }, data: null, previous: {} }),
  });
  try {
    // Told by webhook, with nothing but the id taken from it.
    small.put('organizations', 1, { name: 'Told' });
    assert.equal((await hook({ action: 'change', entity: 'organization', entity_id: '1' })).status, 200);
    await until(async () => (await sandbox.find('account', 'org-1'))?.name === 'Told', 'the webhook');
    assert.notEqual((await hook({ action: 'change', entity: 'organization', entity_id: '1' }, 'hook:other')).status, 200);
    // Found by asking: no webhook.
    small.clock.ms = Date.now() + 5000;
    small.put('organizations', 2, { name: 'Found' });
    await until(async () => (await sandbox.find('account', 'org-2'))?.name === 'Found', 'the poll');
    // A deletion that was told but did not happen is not believed; one that did is.
    assert.equal((await hook({ action: 'delete', entity: 'person', entity_id: '3' })).status, 200);
    small.remove('persons', 4);
    assert.equal((await hook({ action: 'delete', entity: 'person', entity_id: '4' })).status, 200);
    await until(async () => !(await sandbox.find('contact', 'person-4')), 'the deletion');
    assert.ok(await sandbox.find('contact', 'person-3'));
    // A merge: told by both, and the winner keeps both keys.
    small.remove('organizations', 3);
    small.put('organizations', 2, { name: 'Merged' });
    await hook({ action: 'delete', entity: 'organization', entity_id: '3', merged_to_id: 2 });
    await hook({ action: 'change', entity: 'organization', entity_id: '2', merged_from_id: 3 });
    await until(async () => {
      const [winner, loser] = [await sandbox.find('account', 'org-2'), await sandbox.find('account', 'org-3')];
      return winner?.name === 'Merged' && loser?.id === winner.id;
    }, 'the merge');
  } finally {
    await daemon.stop();
    await sandbox.stop();
    await small.stop();
    followed.remove();
  }
});
