// json-server as a REST API that knows nothing of us, read by configuration alone: pages by Link
// headers, changes, single rows, and the whole way from a backfill to what Assembly then holds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import jsonServer from 'json-server';

import { Configured, Sandbox, assertSameRecords } from './reading.mjs';

const COMPANIES = 57;
const PEOPLE = 64;
const at = (n) => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000).toISOString();

const data = {
  companies: Array.from({ length: COMPANIES }, (_, i) => ({
    id: i + 1, name: `Company ${i + 1}`, site: `https://company${i + 1}.test/`, revenue: 1000.5 * i,
    updated: at(i),
  })),
  people: Array.from({ length: PEOPLE }, (_, i) => ({
    id: `p-${i + 1}`, name: `Person ${i + 1}`, email: `p${i + 1}@company${(i % COMPANIES) + 1}.test`,
    companyId: i % 9 === 0 ? null : (i % COMPANIES) + 1, updated: i % 5 === 0 ? null : at(i), created: at(i),
  })),
};

/** The description that an admin writes. */
const source = (url) => `
type: rest
base_url: ${url}
secrets: {token: "\${env:CRM_TOKEN}"}
auth: {scheme: header, value: "Bearer {secret.token}"}
objects:
  companies:
    updated: updated
    request: {path: /companies, query: {_page: "1", _limit: "{limit}", _sort: id, updated_gte: "{since:rfc3339-ms}"}}
    pages: {scheme: link, limit: 10}
    changes: {scheme: query, overlap_seconds: 0}
    detail: {request: {path: "/companies/{id}"}}
  people:
    updated: [updated, created]
    request: {path: /people, query: {_page: "{page}", _limit: "{limit}", _sort: created}}
    pages: {scheme: page, limit: 20, short_page_ends: true}
    changes: {scheme: client, overlap_seconds: 0}
    company: {field: companyId, object: companies}
    detail: {request: {path: "/people/{id}"}}
`;

const mappings = `
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("crm-company-", id)
    fields: {name: name, domain: site | domain_of}
    additional_properties: {Revenue: revenue}
  - name: people
    from: crm.people
    to: contact
    key: concat("crm-person-", id)
    company: concat("crm-company-", companyId)
    fields: {name: name, domain: email}
`;

let server;
let url;
let crm;
let sandbox;
let seen;

before(async () => {
  const app = jsonServer.create();
  seen = [];
  app.use((request, response, next) => {
    seen.push(request.originalUrl);
    if (request.headers.authorization === 'Bearer sample') return next();
    response.status(401).json({ error: 'no' });
  });
  app.use(jsonServer.router(structuredClone(data)));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
  sandbox = new Sandbox();
  const assembly = await sandbox.start();
  crm = new Configured(source(url), { env: { CRM_TOKEN: 'sample' }, more: mappings, assembly });
});

after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sandbox.stop();
  crm.remove();
});

test('the description is accepted', async () => {
  const { code, out, err } = await crm.sync('check');
  assert.equal(code, 0, out + err);
});

test('lists every row, over pages that a Link header or a number leads to', async () => {
  seen.length = 0;
  assertSameRecords(await crm.list('companies'), data.companies);
  assert.equal(seen.length, Math.ceil(COMPANIES / 10));
  assertSameRecords(await crm.list('people'), data.people);
});

test('links people to companies', async () => {
  for (const line of await crm.read('people', 'list')) {
    const company = line.record.companyId;
    assert.deepEqual(line.related, company === null ? [] : [`companies ${company}`]);
  }
});

test('finds what changed: asked of the server, and seen in the rows', async () => {
  const companies = await crm.changes('companies', Date.parse(at(50)));
  assert.deepEqual(companies.notices.map((line) => line.id), ['51', '52', '53', '54', '55', '56', '57']);
  // A new row has no date of change; its date of creation counts.
  const people = await crm.changes('people', Date.parse(at(58)));
  assert.deepEqual(people.notices.map((line) => line.id),
    ['p-59', 'p-60', 'p-61', 'p-62', 'p-63', 'p-64']);
  await fetch(`${url}/companies/7`, { method: 'PATCH', body: JSON.stringify({ name: 'Seven', updated: at(100) }),
    headers: { authorization: 'Bearer sample', 'content-type': 'application/json' } });
  const again = await crm.changes('companies', 0, companies.cursor);
  assert.deepEqual(again.notices.map((line) => line.id).sort(), ['57', '7']);
});

test('reads by id, with text and number ids, and tells a missing one', async () => {
  assert.deepEqual((await crm.read('people', 'read', 'p-3', 'p-999')).map((line) => line.id ?? line.missing),
    ['p-3', 'p-999']);
});

test('a backfill brings all of it into Assembly', async () => {
  const { code, out, err } = await crm.sync('backfill', '--json');
  assert.ok(code === 0 || code === 1, err);
  const summary = JSON.parse(out);
  assert.equal(summary.records, COMPANIES + PEOPLE, out);
  for (const company of data.companies) {
    const held = await sandbox.find('account', `crm-company-${company.id}`);
    assert.equal(held.name, company.id === 7 ? 'Seven' : company.name);
    assert.equal(held.domain, `company${company.id}.test`);
  }
  const status = JSON.parse((await crm.sync('status', '--json')).out);
  assert.equal(status.outbox.pending, 0);
  assert.equal(status.dead, 0);
});
