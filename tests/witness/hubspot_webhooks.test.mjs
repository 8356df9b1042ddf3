// HubSpot's official client manages the webhooks of an app at the local HubSpot, and sees there what
// our verb `hooks` makes of them.
//
// FAKE_HUBSPOT and ASSEMBLY_SYNC are the paths of the programs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import hubspot from '@hubspot/api-client';

import { FakeHubSpot } from './fake_hubspot.mjs';
import { run } from './reading.mjs';

const APP = 4004;
const KEY = 'sample-developer-key';
const OURS = 'https://sync.example.test/hooks/crm';
const THEIRS = 'https://other.example.test/hubspot';
const EVENTS = ['creation', 'deletion', 'merge', 'restore'];
const WANTED = [
  ...EVENTS.map((event) => `company.${event}`),
  ...EVENTS.map((event) => `contact.${event}`),
  'contact.associationChange',
  'contact.privacyDeletion',
  'company.propertyChange domain',
  'company.propertyChange hubspot_owner_id',
  'company.propertyChange name',
  'contact.propertyChange email',
].sort();

let fake;
let url;
let folder;
let settings;
let subscriptions;

before(async () => {
  fake = new FakeHubSpot(process.env.FAKE_HUBSPOT, 1, 1);
  url = await fake.start();
  ({ settingsApi: settings, subscriptionsApi: subscriptions } = new hubspot.Client({
    basePath: url, developerApiKey: KEY, numberOfApiCallRetries: 0,
  }).webhooks);
  folder = mkdtempSync(join(tmpdir(), 'witness-'));
  writeFileSync(join(folder, 'config.yaml'), `version: 1
assembly: {base_url: "http://127.0.0.1:9", api_key: "\${env:ANY}"}
listen: {public_url: https://sync.example.test}
sources:
  crm:
    type: hubspot
    base_url: ${url}
    client_id: sample-client
    client_secret: "\${env:ANY}"
    refresh_token: "\${env:ANY}"
    app_id: ${APP}
    developer_api_key: "\${env:KEY}"
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("c-", id)
    fields: {name: properties.name, domain: properties.domain}
    additional_properties: {Owner: owner.email, Changed: properties.hs_lastmodifieddate}
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("p-", id)
    company: concat("c-", associations.company)
    fields: {name: properties.email, domain: properties.email}
`);
});

after(async () => {
  await fake.stop();
  rmSync(folder, { recursive: true, force: true });
});

function hooks(...options) {
  return run(process.env.ASSEMBLY_SYNC, ['hooks', ...options, '-c', join(folder, 'config.yaml')],
    { ANY: 'any', KEY });
}

/** `contact.propertyChange email`, sorted. */
async function names() {
  const { results } = await subscriptions.getAll(APP);
  return results.map((one) => [one.eventType, one.propertyName].filter(Boolean).join(' ')).sort();
}

test('the official client sets, subscribes, pauses and takes away', async () => {
  await assert.rejects(settings.getAll(APP), (error) => error.code === 404);
  const other = new hubspot.Client({ basePath: url, developerApiKey: 'x', numberOfApiCallRetries: 0 });
  await assert.rejects(other.webhooks.subscriptionsApi.getAll(APP), (error) => error.code === 401);
  await assert.rejects(settings.configure(APP, { targetUrl: 'http://plain.test', throttling: {
    maxConcurrentRequests: 10 } }), (error) => error.code === 400);
  const set = await settings.configure(APP, { targetUrl: THEIRS, throttling: {
    maxConcurrentRequests: 25 } });
  assert.equal(set.targetUrl, THEIRS);
  assert.ok(set.createdAt instanceof Date);
  const made = await subscriptions.create(APP, { eventType: 'deal.creation', active: true });
  assert.equal((await subscriptions.getById(Number(made.id), APP)).eventType, 'deal.creation');
  await assert.rejects(subscriptions.create(APP, { eventType: 'deal.creation', active: true }),
    (error) => error.code === 400);
  const paused = await subscriptions.create(APP, {
    eventType: 'contact.propertyChange', propertyName: 'email', active: true });
  assert.equal((await subscriptions.update(Number(paused.id), APP, { active: false })).active, false);
  for (const propertyName of ['hs_lastmodifieddate', 'num_unique_conversion_events']) {
    await assert.rejects(subscriptions.create(APP, { eventType: 'contact.propertyChange',
      propertyName, active: true }), (error) => error.code === 400);
  }
  const stray = await subscriptions.create(APP, { eventType: 'contact.creation', active: true });
  await subscriptions.archive(Number(stray.id), APP);
  assert.deepEqual(await names(), ['contact.propertyChange email', 'deal.creation']);
});

test('hooks shows what another target URL means, and changes nothing without --apply', async () => {
  const shown = await hooks('crm');
  assert.equal(shown.code, 2, shown.err);
  assert.match(shown.out, /crm target URL: redirect .*it is https:\/\/other\.example\.test\/hubspot/);
  assert.match(shown.out, /crm contact\.propertyChange email: switch on/);
  assert.match(shown.out, /crm company\.merge: create: there is none/);
  assert.doesNotMatch(shown.out, /deal\.creation/);
  assert.equal((await settings.getAll(APP)).targetUrl, THEIRS);
  assert.deepEqual(await names(), ['contact.propertyChange email', 'deal.creation']);
});

test('hooks --apply makes what the rules need, once', async () => {
  const applied = await hooks('--apply');
  assert.equal(applied.code, 0, applied.out + applied.err);
  const now = await settings.getAll(APP);
  assert.equal(now.targetUrl, OURS);
  assert.equal(now.throttling.maxConcurrentRequests, 25, 'the rest of the settings stays');
  assert.deepEqual(await names(), [...WANTED, 'deal.creation'].sort());
  assert.ok((await subscriptions.getAll(APP)).results.every((one) => one.active));
  // What was subscribed to for the other address is a stray from now on.
  const again = await hooks('--apply');
  assert.match(again.out, /crm deal\.creation: done: remove .*nobody here asks for/);
  assert.deepEqual(await names(), WANTED);
  const last = await hooks('crm', '--json');
  assert.equal(last.code, 0, last.out + last.err);
  const { hooks: lines, by_hand: byHand } = JSON.parse(last.out);
  assert.deepEqual(new Set(lines.map((line) => line.action)), new Set(['there']));
  assert.deepEqual(byHand, []);
  for (const { out, err } of [applied, again, last]) assert.ok(!(out + err).includes(KEY));
});

test('a key that is refused is told, and no key is shown', async () => {
  await fake.command('fault /webhooks/v3/ 401 1');
  const refused = await hooks('crm');
  assert.equal(refused.code, 69);
  assert.match(refused.err, /crm: HubSpot answered 401 INVALID_AUTHENTICATION/);
  assert.ok(!refused.err.includes(KEY));
});
