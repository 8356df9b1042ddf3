// What this project's connector makes of HubSpot's records against what HubSpot's official client
// reads of the same: equal records, by listing, by id and by what changed.
//
// FAKE_HUBSPOT and READ_SOURCE are the paths of the programs fake_hubspot and read_source.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import hubspot from '@hubspot/api-client';

import { FakeHubSpot } from './fake_hubspot.mjs';

const run = promisify(execFile);
const PROPERTIES = {
  companies: ['city', 'domain', 'hubspot_owner_id', 'name', 'segments'],
  contacts: ['email', 'firstname', 'jobtitle'],
};
const STAMPS = { companies: 'hs_lastmodifieddate', contacts: 'lastmodifieddate' };

let fake;
let client;
let url;
let folder;
let config;

/// A configuration whose rules use the properties above; `credentials` are lines of the source.
async function write_config(name, credentials) {
  const file = path.join(folder, name);
  await writeFile(file, `
version: 1
listen: {public_url: https://sync.example.test}
assembly: {base_url: https://assembly.test, api_key: "\${env:ANY_SECRET}"}
sources:
  crm:
    type: hubspot
    client_secret: "\${env:CLIENT_SECRET}"
    base_url: ${url}
    renewal_pipelines: Renewals
${credentials.map((line) => `    ${line}`).join('\n')}
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("c-", id)
    fields: {name: properties.name, domain: properties.domain}
    additional_properties:
      City: properties.city
      Segments: properties.segments
      Owner: owner.email
      Lists: lists
      Won: deals.won_amount
      Renewal: deals.next_renewal
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("p-", id)
    company: concat("c-", associations.company)
    fields: {name: properties.firstname, domain: properties.email}
    additional_properties: {Job: properties.jobtitle}
`);
  return file;
}

/// The lines that read_source prints.
async function read(file, ...words) {
  const { stdout } = await run(process.env.READ_SOURCE, [file, ...words], {
    env: {
      ...process.env,
      ANY_SECRET: 'any',
      CLIENT_SECRET: 'sample-secret',
      TOKEN: 'sample-token',
      REFRESH: 'sample-refresh',
    },
    maxBuffer: 64 << 20,
  });
  return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

function by_id(lines) {
  return new Map(lines.filter((line) => line.record).map((line) => [line.id, line.record]));
}

/// What the official client says, in the members that both have.
async function official(object) {
  const names = [...PROPERTIES[object], 'hs_object_id', STAMPS[object]];
  const all = await client.crm[object].getAll(100, undefined, names);
  return new Map(all.map((one) => [one.id, {
    id: one.id,
    archived: one.archived,
    createdAt: one.createdAt.toISOString(),
    updatedAt: one.updatedAt.toISOString(),
    properties: Object.fromEntries(names.map((name) => [name, one.properties[name]])),
  }]));
}

function without_parts({ associations, owner, lists, deals, ...record }) {
  return record;
}

before(async () => {
  fake = new FakeHubSpot(process.env.FAKE_HUBSPOT, 230, 310);
  url = await fake.start();
  client = new hubspot.Client({
    basePath: url, accessToken: 'sample-token', numberOfApiCallRetries: 0,
  });
  folder = await mkdtemp(path.join(tmpdir(), 'hubspot-'));
  config = await write_config('config.yaml', ['access_token: "${env:TOKEN}"']);
  await fake.command('owner 71 ada@acme.test Ada Lovelace');
  await fake.command('owner 72 eve@acme.test Eve Byron');
  await fake.command('owner 73 kim@acme.test Kim Lee');
  await fake.command('owner 74 old@acme.test Old Owner archived');
  await fake.command('update companies 3 hubspot_owner_id=71');
  await fake.command('update companies 4 hubspot_owner_id=74');
  await fake.command('list 5 0-2 Key%20accounts');
  await fake.command('member 5 3 yes');
  const deal = await fake.command(
    'create deals amount=100 amount_in_home_currency=92.10 hs_is_closed=true '
    + 'hs_is_closed_won=true pipeline=default');
  await fake.command(`deal ${deal} 3`);
  const renewal = await fake.command(
    'create deals amount=5 hs_is_closed=false pipeline=renewals '
    + 'closedate=2099-01-31T00:00:00Z');
  await fake.command(`deal ${renewal} 3`);
});

after(async () => {
  await fake.stop();
  await rm(folder, { recursive: true });
});

for (const object of ['companies', 'contacts']) {
  test(`${object}: our listing, our reading by id and the official client agree`, async () => {
    const theirs = await official(object);
    const listed = by_id(await read(config, `crm.${object}`, 'list'));
    assert.ok(theirs.size >= 230);
    assert.deepEqual([...listed.keys()].sort(), [...theirs.keys()].sort());
    for (const [id, record] of theirs) assert.deepEqual(without_parts(listed.get(id)), record);
    const read_back = by_id(await read(config, `crm.${object}`, 'read', ...theirs.keys()));
    assert.deepEqual(read_back, listed);
  });

  test(`${object}: what changed is what the official search finds, as the listing has it`, async () => {
    const since = Date.now();
    const name = object === 'companies' ? 'name' : 'firstname';
    for (let id = 1; id <= 205; ++id) await fake.command(`update ${object} ${id} ${name}=new${id}`);
    const found = [];
    let next;
    do {
      const page = await client.crm[object].searchApi.doSearch({
        filterGroups: [{ filters: [
          { propertyName: STAMPS[object], operator: 'GTE', value: String(since) }] }],
        sorts: [{ propertyName: STAMPS[object], direction: 'ASCENDING' }],
        properties: [name],
        limit: 100,
        after: next,
      });
      found.push(...page.results);
      next = page.paging?.next?.after;
    } while (next);
    assert.equal(found.length, 205);
    const changed = by_id(await read(config, `crm.${object}`, 'changes', String(since)));
    assert.deepEqual([...changed.keys()].sort(), found.map((one) => one.id).sort());
    const listed = by_id(await read(config, `crm.${object}`, 'list'));
    for (const [id, record] of changed) assert.deepEqual(record, listed.get(id));
  });
}

test('owners, lists and deals are those that the official client names', async () => {
  const { record } = (await read(config, 'crm.companies', 'read', '3'))[0];
  const owners = [];
  for (const archived of [false, true]) {
    let next;
    do {
      const page = await client.crm.owners.ownersApi.getPage(undefined, next, 100, archived);
      owners.push(...page.results);
      next = page.paging?.next?.after;
    } while (next);
  }
  assert.equal(owners.length, 4);
  const owner = owners.find((one) => one.id === record.properties.hubspot_owner_id);
  assert.deepEqual(record.owner, {
    id: owner.id, email: owner.email, name: `${owner.firstName} ${owner.lastName}`,
  });
  const archived_owner = (await read(config, 'crm.companies', 'read', '4'))[0].record.owner;
  assert.equal(archived_owner.email, owners.find((one) => one.archived).email);

  const { lists } = await client.crm.lists.listsApi.doSearch({
    offset: 0, count: 500, processingTypes: ['MANUAL'], listIds: [], additionalProperties: [],
  });
  assert.deepEqual(record.lists, lists.map((one) => one.name));

  const links = await client.crm.associations.v4.batchApi.getPage(
    'companies', 'deals', { inputs: [{ id: '3' }] });
  const ids = links.results[0].to.map((one) => String(one.toObjectId));
  const deals = await client.crm.deals.batchApi.read({
    inputs: ids.map((id) => ({ id })),
    properties: ['amount_in_home_currency', 'hs_is_closed_won', 'closedate', 'pipeline'],
    propertiesWithHistory: [],
  });
  const won = deals.results.filter((one) => one.properties.hs_is_closed_won === 'true');
  const open = deals.results.filter((one) => one.properties.hs_is_closed_won !== 'true');
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals');
  const renewals = pipelines.results.find((one) => one.label === 'Renewals');
  assert.equal(open[0].properties.pipeline, renewals.id);
  assert.deepEqual(record.deals, {
    won_amount: String(Number(won[0].properties.amount_in_home_currency)),
    next_renewal: open[0].properties.closedate,
  });
});

test('archived records are told as deleted, merged ones with what went into them', async () => {
  const since = Date.now();
  await fake.command('archive companies 210');
  const survivor = await fake.command('merge companies 211 212');
  const archived = await client.crm.companies.basicApi.getPage(
    100, undefined, ['name'], undefined, undefined, true);
  const lines = await read(config, 'crm.companies', 'changes', String(since));
  const deleted = lines.filter((line) => line.notice === 'deleted');
  assert.deepEqual(deleted.map((line) => line.id), archived.results.map((one) => one.id));
  const merged = lines.find((line) => line.notice === 'merged');
  assert.equal(merged.id, survivor);
  const theirs = await client.crm.companies.basicApi.getById('212', ['hs_merged_object_ids']);
  assert.deepEqual(merged.merged, theirs.properties.hs_merged_object_ids.split(';'));
  assert.equal(theirs.id, survivor);
});

test('a search finds a change later than a listing shows it', async () => {
  await fake.command('search_lag 3600000');
  const since = String(Date.now());
  await fake.command('update companies 20 name=late');
  const query = {
    filterGroups: [{ filters: [
      { propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: since }] }],
  };
  assert.equal((await client.crm.companies.searchApi.doSearch(query)).total, 0);
  assert.equal((await client.crm.companies.basicApi.getById('20', ['name'])).properties.name, 'late');
  await fake.command('search_lag 0');
  assert.equal((await client.crm.companies.searchApi.doSearch(query)).total, 1);
});

test('an OAuth app reads the same, and its tokens come to an end', async () => {
  const oauth = await write_config(
    'oauth.yaml', ['client_id: sample-client', 'refresh_token: "${env:REFRESH}"']);
  assert.deepEqual(by_id(await read(oauth, 'crm.companies', 'read', '1', '2')),
                   by_id(await read(config, 'crm.companies', 'read', '1', '2')));
  const token = await client.oauth.tokensApi.create(
    'refresh_token', undefined, undefined, 'sample-client', 'sample-secret', 'sample-refresh');
  const app = new hubspot.Client({
    basePath: url, accessToken: token.accessToken, numberOfApiCallRetries: 0,
  });
  assert.equal((await app.crm.companies.basicApi.getPage(1)).results.length, 1);
  await fake.command('expire_tokens');
  await assert.rejects(app.crm.companies.basicApi.getPage(1), (error) => {
    assert.equal(error.code, 401);
    assert.equal(error.body.category, 'EXPIRED_AUTHENTICATION');
    return true;
  });
  await assert.rejects(
    client.oauth.tokensApi.create(
      'refresh_token', undefined, undefined, 'sample-client', 'sample-secret', 'another'),
    { code: 400 });
});
