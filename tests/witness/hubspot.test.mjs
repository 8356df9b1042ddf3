// HubSpot's official client as a witness: what it reads from the local stand-in must be what
// HubSpot would have answered, and the webhooks the stand-in signs must pass HubSpot's own check.
//
// FAKE_HUBSPOT is the path of the fake_hubspot program (see tests/fakes).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import hubspot from '@hubspot/api-client';

import { FakeHubSpot } from './fake_hubspot.mjs';

const COMPANIES = 230;
const CONTACTS = 310;
const PUBLIC_URL = 'https://sync.example.test/hooks/hubspot?src=crm:eu/west&name=a%20b';
const SECRET = 'sample-secret';

let fake;
let client;

before(async () => {
  assert.ok(process.env.FAKE_HUBSPOT, 'FAKE_HUBSPOT must name the fake_hubspot program');
  fake = new FakeHubSpot(process.env.FAKE_HUBSPOT, COMPANIES, CONTACTS);
  client = new hubspot.Client({
    basePath: await fake.start(),
    accessToken: 'sample-token',
    numberOfApiCallRetries: 0,
  });
});

after(() => fake.stop());

test('getAll walks every page of companies and contacts', async () => {
  const companies = await client.crm.companies.getAll(100, undefined, ['name', 'domain', 'city']);
  assert.equal(companies.length, COMPANIES);
  assert.equal(new Set(companies.map((one) => one.id)).size, COMPANIES);
  for (const company of companies) {
    assert.match(company.properties.domain, /\.(test|example)$/);
    assert.ok(company.createdAt instanceof Date && company.updatedAt instanceof Date);
    assert.equal(company.archived, false);
  }
  const contacts = await client.crm.contacts.getAll(100, undefined, ['email', 'mobilephone']);
  assert.equal(contacts.length, CONTACTS);
  assert.equal(contacts[0].properties.mobilephone, null);
});

test('a list shows associations when asked', async () => {
  const page = await client.crm.contacts.basicApi.getPage(
    5, undefined, ['associatedcompanyid'], undefined, ['companies'], false);
  assert.equal(page.results.length, 5);
  for (const contact of page.results) {
    const ids = contact.associations.companies.results.map((one) => one.id);
    assert.ok(ids.includes(contact.properties.associatedcompanyid));
  }
  assert.ok(page.paging.next.after);
});

test('search filters, sorts and pages', async () => {
  const query = {
    filterGroups: [
      { filters: [{ propertyName: 'lifecyclestage', operator: 'EQ', value: 'customer' }] },
    ],
    sorts: [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }],
    properties: ['name', 'lifecyclestage'],
    limit: 50,
  };
  const found = [];
  let next;
  do {
    const page = await client.crm.companies.searchApi.doSearch({ ...query, after: next });
    found.push(...page.results);
    next = page.paging?.next?.after;
    assert.ok(page.total >= found.length);
  } while (next);
  assert.ok(found.length > COMPANIES / 2 && found.length < COMPANIES);
  const times = found.map((one) => one.updatedAt.getTime());
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  assert.ok(found.every((one) => one.properties.lifecyclestage === 'customer'));
});

test('a refused search is an ApiException with the error body', async () => {
  await assert.rejects(
    client.crm.companies.searchApi.doSearch({ limit: 200, after: '10000' }),
    (error) => {
      assert.equal(error.code, 400);
      assert.equal(error.body.category, 'VALIDATION_ERROR');
      assert.ok(error.body.correlationId);
      return true;
    });
});

test('batch read answers what exists and names what does not', async () => {
  const whole = await client.crm.companies.batchApi.read({
    properties: ['name'], propertiesWithHistory: [], inputs: [{ id: '1' }, { id: '2' }],
  });
  assert.equal(whole.status, 'COMPLETE');
  assert.deepEqual(whole.results.map((one) => one.id), ['1', '2']);
  const part = await client.crm.companies.batchApi.read({
    properties: ['name'], propertiesWithHistory: [], inputs: [{ id: '1' }, { id: '999999' }],
  });
  assert.deepEqual(part.results.map((one) => one.id), ['1']);
  assert.equal(part.numErrors, 1);
  assert.deepEqual(part.errors[0].context.ids, ['999999']);
});

test('associations v4 carry the primary label', async () => {
  await fake.command('primary 1 1');
  await fake.command('primary 1 2');
  const answer = await client.crm.associations.v4.batchApi.getPage(
    'contacts', 'companies', { inputs: [{ id: '1' }] });
  const [from] = answer.results;
  assert.equal(from._from.id, '1');
  const types = Object.fromEntries(
    from.to.map((to) => [to.toObjectId, to.associationTypes.map((type) => type.typeId)]));
  assert.deepEqual(types[2], [1, 279]);
  assert.deepEqual(types[1], [279]);
});

test('a single get tells archived, merged and missing records apart', async () => {
  const id = await fake.command('create companies name=Gone domain=gone.test');
  await fake.command(`archive companies ${id}`);
  await assert.rejects(client.crm.companies.basicApi.getById(id), { code: 404 });
  const archived = await client.crm.companies.basicApi.getById(
    id, ['name'], undefined, undefined, true);
  assert.equal(archived.archived, true);
  assert.ok(archived.archivedAt instanceof Date);

  const first = await fake.command('create companies name=First domain=first.test');
  const second = await fake.command('create companies name=Second domain=second.test');
  const survivor = await fake.command(`merge companies ${first} ${second}`);
  const merged = await client.crm.companies.basicApi.getById(second, ['hs_merged_object_ids']);
  assert.equal(merged.id, survivor);
  assert.equal(merged.properties.hs_merged_object_ids, `${first};${second}`);
});

test('property definitions and owners are readable', async () => {
  const { results } = await client.crm.properties.coreApi.getAll('companies');
  const segments = results.find((one) => one.name === 'segments');
  assert.equal(segments.type, 'enumeration');
  assert.equal(segments.fieldType, 'checkbox');
  assert.deepEqual(
    segments.options.map(({ value, label }) => [value, label]).slice(0, 2),
    [['enterprise', 'Enterprise'], ['startup', 'Start-up']],
  );
  assert.ok(results.every((one) => one.archived === false));
  assert.deepEqual((await client.crm.owners.ownersApi.getPage()).results, []);
});

test('archived properties have a list of their own', async () => {
  const { coreApi } = client.crm.properties;
  await fake.command('property contacts shirt enumeration select S=Small;M=Medium%20size');
  await fake.command('archive_property contacts fax_number');
  const inUse = (await coreApi.getAll('contacts')).results;
  const shirt = inUse.find((one) => one.name === 'shirt');
  assert.deepEqual(shirt.options.map((one) => one.label), ['Small', 'Medium size']);
  assert.ok(!inUse.some((one) => one.name === 'fax_number'));
  const archived = (await coreApi.getAll('contacts', true)).results;
  assert.deepEqual(archived.map((one) => one.name), ['fax_number']);
});

test('a token without the scope is told which', async () => {
  await fake.command('scope crm.schemas.companies.read revoke');
  await assert.rejects(client.crm.properties.coreApi.getAll('companies'), (error) => {
    assert.equal(error.code, 403);
    assert.equal(error.body.category, 'MISSING_SCOPES');
    assert.deepEqual(
      error.body.errors[0].context.requiredGranularScopes, ['crm.schemas.companies.read'],
    );
    return true;
  });
  assert.ok((await client.crm.companies.basicApi.getPage(1)).results.length === 1);
  await fake.command('scope crm.schemas.companies.read grant');
  assert.ok((await client.crm.properties.coreApi.getAll('companies')).results.length > 1);
});

test('another token is refused', async () => {
  const stranger = new hubspot.Client({
    basePath: client.config.basePath, accessToken: 'other', numberOfApiCallRetries: 0,
  });
  await assert.rejects(stranger.crm.companies.basicApi.getPage(1), (error) => {
    assert.equal(error.code, 401);
    assert.equal(error.body.category, 'INVALID_AUTHENTICATION');
    return true;
  });
});

/// What Signature.isValid takes, for a webhook as it came.
function checked(hook, signatureVersion, changes = {}) {
  const v3 = signatureVersion === 'v3';
  return {
    signatureVersion,
    method: hook.method,
    clientSecret: SECRET,
    requestBody: hook.body,
    url: PUBLIC_URL,
    signature: hook.headers[v3 ? 'X-HubSpot-Signature-v3' : 'X-HubSpot-Signature'],
    timestamp: v3 ? Number(hook.headers['X-HubSpot-Request-Timestamp']) : undefined,
    ...changes,
  };
}

test('the official signature check accepts our webhooks and rejects tampered ones', async () => {
  await fake.command('update companies 3 name=%C5%BB%C3%B3%C5%82%C4%87%20%26%20S%C3%B6hne');
  const hook = await fake.webhook(PUBLIC_URL);
  const events = JSON.parse(hook.body);
  assert.ok(events.some((one) => one.propertyValue === 'Żółć & Söhne'));
  assert.equal(hook.headers['X-HubSpot-Signature-Version'], 'v1');
  const { Signature } = hubspot;
  for (const version of ['v1', 'v3']) {
    assert.equal(Signature.isValid(checked(hook, version)), true, version);
    for (const changes of [
      { requestBody: hook.body.replace('Söhne', 'Sohne') },
      { clientSecret: 'another-secret' },
      { signature: 'x' },
    ]) {
      assert.equal(Signature.isValid(checked(hook, version, changes)), false, version);
    }
  }
  for (const changes of [
    { url: PUBLIC_URL.replace('https', 'http') },
    { method: 'PUT' },
    { timestamp: Number(hook.headers['X-HubSpot-Request-Timestamp']) + 1 },
  ]) {
    assert.equal(Signature.isValid(checked(hook, 'v3', changes)), false);
  }
});
