// An SDK for Attio (there is no official one) against the fake, then our preset against the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createAttioClient, postV2ObjectsByObjectRecordsQuery } from 'attio-ts-sdk';

import { FakeAttio } from './fakes/attio.mjs';
import { Configured, assertSameRecords } from './reading.mjs';

const COMPANIES = 1100;
const PEOPLE = 500;  // exactly one page: the end is the empty one after it

let fake;
let crm;
let client;

before(async () => {
  fake = new FakeAttio(COMPANIES, PEOPLE);
  const url = await fake.start();
  client = createAttioClient({ apiKey: FakeAttio.TOKEN, baseUrl: url });
  crm = new Configured(`
type: attio
base_url: ${url}/v2
access_token: "\${env:ATTIO_ACCESS_TOKEN}"
`, { env: { ATTIO_ACCESS_TOKEN: FakeAttio.TOKEN } });
});

after(async () => {
  await fake.stop();
  crm.remove();
});

async function bySdk(object) {
  const rows = [];
  for (let offset = 0; ; offset += 500) {
    const { data } = await postV2ObjectsByObjectRecordsQuery({
      client, path: { object }, body: { limit: 500, offset }, throwOnError: true });
    rows.push(...data.data);
    if (data.data.length < 500) return rows;
  }
}

test('lists what the SDK lists', async () => {
  for (const [object, count] of [['companies', COMPANIES], ['people', PEOPLE]]) {
    const theirs = await bySdk(object);
    assert.equal(theirs.length, count);
    assertSameRecords(await crm.list(object), theirs, (record) => record.id.record_id);
  }
});

test('links people to companies, and reads by id', async () => {
  const lines = await crm.read('people', 'read', fake.id('people', 5), fake.id('people', 6), 'none');
  assert.deepEqual(lines.filter((line) => line.record).map((line) => line.related),
    [[], [`companies ${fake.id('companies', 7)}`]]);
  assert.deepEqual(lines.filter((line) => line.missing).map((line) => line.missing), ['none']);
});
