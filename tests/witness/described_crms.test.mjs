// The CRMs for which npm has no client that a test could drive: what stands in for one is a walk
// over the fake with plain requests, written here after each vendor's documentation and sharing
// nothing with our description. Then our preset against the same fake: equal records, and what was
// changed, deleted and merged in between.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { FakeClose } from './fakes/close.mjs';
import { FakeEspo } from './fakes/espocrm.mjs';
import { FakeOdoo } from './fakes/odoo.mjs';
import { FakeTwenty } from './fakes/twenty.mjs';
import { FakeZoho } from './fakes/zoho.mjs';
import { Configured, assertSameRecords } from './reading.mjs';

const mappings = (pairs) => `
mappings:
${pairs.map(([object, to, paths]) => `  - name: ${object}
    from: crm.${object}
    to: ${to}
    key: concat("k-", id)
    ${to === 'contact' ? 'company: id' : ''}
    fields: {name: "name", domain: "name"}
    additional_properties: {${paths.map((path) => `${path}: '.["${path}"]'`).join(', ')}}
`).join('')}`;

async function ask(url, options = {}) {
  const answer = await fetch(url, options);
  if (answer.status === 204 || answer.status === 304) return undefined;
  assert.equal(answer.status, 200, `${url}: ${answer.status}`);
  return answer.json();
}

const posted = (body, headers) =>
  ({ method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });

const crms = [{
  name: 'twenty',
  make: () => new FakeTwenty(190, 130),
  source: (url) => `type: twenty\nbase_url: ${url}/rest\napi_key: "\${env:K}"`,
  env: { K: FakeTwenty.KEY },
  objects: ['companies', 'people'],
  async plain(fake, kind) {
    const rows = [];
    for (let after = ''; ;) {
      const page = await ask(`${fake.url}/rest/${kind}?limit=60${after && `&starting_after=${after}`}`,
        { headers: { Authorization: `Bearer ${FakeTwenty.KEY}` } });
      rows.push(...page.data[kind]);
      if (!page.pageInfo.hasNextPage) return rows;
      after = encodeURIComponent(page.pageInfo.endCursor);
    }
  },
  edit: (fake) => fake.put('people', fake.id(9), { jobTitle: 'new' }),
  remove(fake) { fake.remove('people', fake.id(10)); return fake.id(10); },
  toldOfDeletions: true,
}, {
  name: 'close',
  make: () => new FakeClose(230, 410),
  source: (url) => `type: close\nbase_url: ${url}/api/v1\napi_key: "\${env:K}"`,
  env: { K: FakeClose.KEY },
  objects: ['leads', 'contacts'],
  wanted: ['organization_id', 'display_name', 'url', 'custom.cf_Tier', 'name', 'lead_id', 'emails'],
  async plain(fake, kind) {
    const type = kind.slice(0, -1);
    const rows = [];
    for (let cursor; ;) {
      const page = await ask(`${fake.url}/api/v1/data/search/`, posted({
        query: { type: 'object_type', object_type: type }, _limit: 100, cursor,
        _fields: { [type]: ['organization_id', 'date_created', 'date_updated', 'display_name', 'url',
          'custom.cf_Tier', 'name', 'lead_id', 'emails'] },
      }, { Authorization: `Basic ${Buffer.from(`${FakeClose.KEY}:`).toString('base64')}` }));
      rows.push(...page.data);
      if (!page.cursor) return rows;
      cursor = page.cursor;
    }
  },
  edit: (fake) => fake.put('contact', 'cont_9', { name: 'new' }),
  remove(fake) { fake.remove('contact', 'cont_10'); return 'cont_10'; },
  toldOfDeletions: true,
  thin: true,
}, {
  name: 'espocrm',
  make: () => new FakeEspo(230, 410),
  source: (url) => `type: espocrm\nbase_url: ${url}/api/v1\napi_key: "\${env:K}"`,
  env: { K: FakeEspo.KEY },
  objects: ['accounts', 'contacts'],
  wanted: ['name', 'website', 'emailAddress', 'accountId', 'accountsIds'],
  async plain(fake, kind) {
    const entity = kind === 'accounts' ? 'Account' : 'Contact';
    const rows = [];
    for (;;) {
      const page = await ask(`${fake.url}/api/v1/${entity}?maxSize=50&offset=${rows.length}&orderBy=id` +
        '&attributeSelect=name,website,emailAddress,accountId,accountsIds,createdAt,modifiedAt,deleted',
        { headers: { 'X-Api-Key': FakeEspo.KEY } });
      rows.push(...page.list);
      if (rows.length === page.total) return rows;
    }
  },
  edit: (fake) => fake.put('Contact', 'con9', { name: 'new' }),
  remove(fake) { fake.remove('Contact', 'con10'); return 'con10'; },
}, {
  name: 'odoo',
  make: () => new FakeOdoo(520, 1000),
  source: (url) => `type: odoo\nbase_url: ${url}/json/2\napi_key: "\${env:K}"\ndatabase: sample`,
  env: { K: FakeOdoo.KEY },
  objects: ['companies', 'contacts'],
  wanted: ['active', 'is_company', 'name', 'website', 'email', 'parent_id'],
  async plain(fake, kind) {
    const rows = [];
    for (;;) {
      const page = await ask(`${fake.url}/json/2/res.partner/search_read`, posted({
        domain: [['is_company', '=', kind === 'companies'], ['id', '>', rows.at(-1)?.id ?? 0]], limit: 300,
      }, { Authorization: `bearer ${FakeOdoo.KEY}`, 'X-Odoo-Database': 'sample' }));
      if (page.length === 0) break;
      rows.push(...page);
    }
    // What false says of all but the fields that are true or false.
    const nulls = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) =>
      [name, value === false && !['active', 'is_company'].includes(name) ? null : value]));
    return rows.map(nulls);
  },
  edit: (fake) => fake.put(529, { name: 'new' }),
  remove(fake) { fake.remove(530); return '530'; },
}, {
  name: 'zoho',
  make: () => new FakeZoho(2300, 410),
  source: (url) => `type: zoho
base_url: ${url}/crm/v8
token_url: ${url}/oauth/v2/token
client_id: "\${env:ID}"
client_secret: "\${env:SECRET}"
refresh_token: "\${env:REFRESH}"`,
  env: { ID: 'client', SECRET: 'secret', REFRESH: 'refresh' },
  objects: ['accounts', 'contacts'],
  wanted: ['Account_Name', 'Website', 'Full_Name', 'Email'],
  async plain(fake, kind) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'client', client_secret: 'secret',
      refresh_token: 'refresh' });
    const { access_token } = await ask(`${fake.url}/oauth/v2/token`, { method: 'POST', body: form });
    const module = kind === 'accounts' ? 'Accounts' : 'Contacts';
    const rows = [];
    for (let next = 'page=1'; ;) {
      const page = await ask(`${fake.url}/crm/v8/${module}?${next}&fields=Account_Name,Website,Full_Name,Email,` +
        'Created_Time,Modified_Time', { headers: { Authorization: `Zoho-oauthtoken ${access_token}` } });
      rows.push(...page.data);
      if (!page.info.more_records) return rows;
      next = `page_token=${page.info.next_page_token}`;
    }
  },
  edit: (fake) => fake.put('Contacts', fake.id(9), { Full_Name: 'new' }),
  remove(fake) { fake.remove('Contacts', fake.id(10)); return fake.id(10); },
  toldOfDeletions: true,
}];

for (const crm of crms) {
  describe(crm.name, () => {
    let fake;
    let configured;

    before(async () => {
      fake = crm.make();
      const url = await fake.start();
      configured = new Configured(crm.source(url), { env: crm.env,
        more: crm.wanted ? mappings(crm.objects.map((object, i) => [object, i === 0 ? 'company' : 'contact', crm.wanted])) : '' });
    });

    after(async () => {
      await fake.stop();
      configured.remove();
    });

    test('lists what a plain walk lists', async () => {
      for (const object of crm.objects) {
        const theirs = await crm.plain(fake, object);
        assert.ok(theirs.length > 100);
        assertSameRecords(await configured.list(object), theirs);
      }
    });

    test('finds what changed and what was deleted since a moment', async () => {
      const [, people] = crm.objects;
      fake.clock.ms += 3_600_000;
      const since = fake.clock.ms;
      const edited = crm.edit(fake);
      const gone = crm.remove(fake);
      const { notices, cursor } = await configured.changes(people, since);
      const told = notices.map((line) => `${line.notice} ${line.id}`).sort();
      assert.deepEqual(told, [...(crm.toldOfDeletions ? [`deleted ${gone}`] : []), `upserted ${edited.id}`]);
      const changed = notices.find((line) => line.notice === 'upserted');
      assert.equal(Boolean(changed.record), !crm.thin);
      // Where nothing new has happened, nothing but the overlap comes again.
      const again = await configured.changes(people, 0, cursor);
      assert.ok(again.notices.length <= notices.length);
      const read = await configured.read(people, 'read', edited.id, gone);
      assert.deepEqual(read.filter((line) => line.record).map((line) => line.id), [String(edited.id)]);
      // A record is the same text whichever way it is read: else it would change with each reading.
      const listed = (await configured.list(people)).get(String(edited.id));
      const single = read.find((line) => line.record).record;
      assert.equal(JSON.stringify(single), JSON.stringify(listed));
      if (!crm.thin) assert.equal(JSON.stringify(changed.record), JSON.stringify(listed));
      assert.deepEqual(read.filter((line) => line.missing).map((line) => line.missing), [gone]);
    });
  });
}

test('close tells of a merge in its event log', async () => {
  const fake = new FakeClose(5, 5);
  const url = await fake.start();
  const configured = new Configured(crms[1].source(url), { env: crms[1].env });
  fake.clock.ms += 3_600_000;
  const since = fake.clock.ms;
  fake.merge('lead_2', 'lead_1');
  const { notices } = await configured.changes('leads', since);
  // By the event of the lead that stays, and by that of the one that is gone.
  const merged = ['merged', 'lead_1', ['lead_2']];
  assert.deepEqual(notices.map((line) => [line.notice, line.id, line.merged]), [merged, merged]);
  await fake.stop();
  configured.remove();
});
