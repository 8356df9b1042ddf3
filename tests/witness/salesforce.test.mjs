// Salesforce as somebody else's client reads it, and as this project does: jsforce and read_source
// against the same org must see the same records, changes, deletions and merges.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';

import {parseQuery} from '@jetstreamapp/soql-parser-js';
import jsforce from 'jsforce';

import {FakeSalesforce, client} from './fakes/salesforce.mjs';
import {account_id, contact_id, opportunity_id, org, stamp} from './fakes/salesforce_data.mjs';

const run = promisify(execFile);
const minute = 60_000;

/** What the mappings below ask for, and what the connector adds for itself. */
const account_fields = [
  'Id', 'IsDeleted', 'MasterRecordId', 'SystemModstamp', 'AnnualRevenue', 'Description', 'Name',
  'NumberOfEmployees', 'Owner.Email', 'Renewal__c', 'Score__c', 'Segments__c', 'Type', 'Website'];
const contact_fields = [
  'Id', 'IsDeleted', 'MasterRecordId', 'SystemModstamp', 'AccountId', 'Email', 'FirstName',
  'LastName'];

function configuration(url, {rollups = false, more = ''} = {}) {
  return `
version: 1
assembly: {base_url: "http://127.0.0.1:9", api_key: "\${env:ASSEMBLY_API_KEY}"}
store: {path: state.db}
sources:
  sf:
    type: salesforce
    base_url: "${url}"
    client_id: ${client.id}
    client_secret: "\${env:SF_CLIENT_SECRET}"
${more}
mappings:
  - name: accounts
    from: sf.accounts
    to: company
    key: concat("sf-account-", Id)
    fields: {name: Name, domain: Website | domain_of, renewal_date: Renewal__c, contract_value: AnnualRevenue}
    additional_properties:
      Owner: Owner.Email
      Employees: NumberOfEmployees
      Type: Type
      Segments: Segments__c
      Score: Score__c
      About: Description
${rollups ? '      Won: opportunities.won_amount\n      Renewal: opportunities.renewal_date\n' : ''}
  - name: contacts
    from: sf.contacts
    to: contact
    key: concat("sf-contact-", Id)
    company: concat("sf-account-", AccountId)
    fields: {name: 'concat(FirstName, " ", LastName) | trim', domain: Email}
`;
}

/** A record of jsforce in this project's form. */
function normal(value) {
  if (value === '') return null;
  if (typeof value === 'string') return value.replace(/\.(\d{3})\+0000$/, '.$1Z');
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([name]) => name !== 'attributes')
    .map(([name, member]) => [name, normal(member)]);
  return Object.fromEntries(members);
}

const by_id = records => Object.fromEntries(records.map(record => [record.Id, record]));

describe('Salesforce', () => {
  let fake, folder;

  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'assembly-sync-witness-')); });
  after(() => rmSync(folder, {recursive: true}));

  async function with_org(options, body) {
    fake = await new FakeSalesforce(options).start();
    try {
      await body(new jsforce.Connection({
        instanceUrl: fake.url, accessToken: fake.issue_token(), version: '66.0'}));
    } finally {
      await fake.stop();
    }
  }

  async function read_source(object, words, options) {
    const file = path.join(folder, 'config.yaml');
    writeFileSync(file, configuration(fake.url, options));
    const {stdout} = await run(process.env.READ_SOURCE, [file, `sf.${object}`, ...words], {
      env: {...process.env, ASSEMBLY_API_KEY: 'key', SF_CLIENT_SECRET: client.secret},
      maxBuffer: 1 << 28});
    return stdout.trim().split('\n').filter(Boolean).map(line => JSON.parse(line));
  }

  const query = async (connection, soql, scanAll = false) => {
    const {records} = await connection.query(soql, {autoFetch: true, maxFetch: 1e6, scanAll});
    return by_id(records.map(normal));
  };

  test('a listing by queries is what jsforce reads, over several pages', () =>
    with_org({tables: org({accounts: 60}), page_rows: 7}, async connection => {
      fake.remove('Account', account_id(3));
      for (const [object, name, fields] of [
        ['accounts', 'Account', account_fields], ['contacts', 'Contact', contact_fields]]) {
        const theirs = await query(connection, `SELECT ${fields} FROM ${name}`);
        const ours = await read_source(object, ['list']);
        assert.deepEqual(by_id(ours.map(line => line.record)), theirs);
        assert.equal(ours.length, Object.keys(theirs).length);
        for (const {id, version, record} of ours) {
          assert.equal(id, record.Id);
          assert.equal(version, Date.parse(theirs[id].SystemModstamp));
        }
      }
      assert.ok(!fake.calls.some(call => call.includes('/jobs/')));
    }));

  test('a listing by a bulk job is what jsforce reads', () =>
    with_org({tables: org({accounts: 10_050})}, async connection => {
      const theirs = await query(connection, `SELECT ${account_fields} FROM Account`);
      const ours = await read_source('accounts', ['list']);
      const downloads = fake.calls.filter(call => call.includes('/results?'));
      assert.equal(downloads.length, 2);  // the first page is a query's
      assert.equal(fake.calls.filter(call => call.startsWith('DELETE ')).length, 1);
      assert.equal(ours.length, 10_050);
      assert.deepEqual(by_id(ours.map(line => line.record)), theirs);
    }));

  test('a bulk job of one part is what jsforce downloads', () =>
    with_org({tables: org({accounts: 40})}, async connection => {
      connection.bulk2.pollInterval = 1;
      const stream = await connection.bulk2.query(
        'SELECT Id,Name,AnnualRevenue,NumberOfEmployees FROM Account');
      const theirs = await stream.toArray();
      const ours = by_id((await read_source('accounts', ['list'])).map(line => line.record));
      assert.equal(theirs.length, 40);
      for (const row of theirs) {
        assert.equal(ours[row.Id].Name, row.Name);
        assert.equal(ours[row.Id].AnnualRevenue, Number(row.AnnualRevenue));
        assert.equal(ours[row.Id].NumberOfEmployees, Number(row.NumberOfEmployees));
      }
    }));

  test('changes, deletions and merges are those that jsforce finds', () => {
    const now = Date.now();
    const since = Math.floor((now - 50 * minute) / minute) * minute;
    return with_org({tables: org({accounts: 40, begin: now - 120 * minute}), page_rows: 5},
      async connection => {
        for (let n = 1; n <= 12; n++) {  // all within one second
          fake.change('Account', account_id(n), {Name: `New ${n}`}, now - 40 * minute);
        }
        fake.remove('Account', account_id(20), now - 30 * minute);
        fake.merge('Account', account_id(21), account_id(22), now - 29 * minute);
        fake.purge('Account', account_id(30), now - 28 * minute);

        const theirs = await query(connection, `SELECT ${account_fields} FROM Account WHERE ` +
          `SystemModstamp >= ${new Date(since).toISOString()}`, true);
        const {deletedRecords} = await connection.sobject('Account')
          .deleted(new Date(since), new Date(now));

        const lines = await read_source('accounts', ['changes', String(since)]);
        const ours = lines.filter(line => line.notice);
        const upserted = ours.filter(line => line.notice === 'upserted');
        assert.deepEqual(by_id(upserted.map(line => line.record)),
          Object.fromEntries(Object.entries(theirs).filter(([, one]) => !one.IsDeleted)));
        assert.equal(upserted.length, 13);
        const merges = ours.filter(line => line.notice === 'merged');
        assert.deepEqual(merges.map(({id, merged}) => ({id, merged})),
          [{id: account_id(22), merged: [account_id(21)]}]);
        const gone = new Set(ours.filter(line => line.notice === 'deleted').map(line => line.id));
        gone.add(account_id(21));  // told by its merge
        assert.deepEqual([...gone].sort(), deletedRecords.map(one => one.id).sort());
        assert.deepEqual(lines.filter(line => line.warning || line.bad_row), []);

        // From where that ended, only what changed since is news: the rest is looked back at.
        const {cursor} = lines.at(-1);
        fake.change('Account', account_id(33), {Name: 'Newest'}, Date.now() - 2000);
        const later = (await read_source('accounts', ['changes', '0', cursor]))
          .filter(line => line.notice);
        assert.deepEqual(later.map(line => line.id), [account_id(33)]);
      });
  });

  test('reading by id finds the living, the binned, the merged and the missing', () =>
    with_org({}, async connection => {
      fake.remove('Account', account_id(2));
      fake.merge('Account', account_id(3), account_id(4));
      fake.purge('Account', account_id(5));
      const ids = [1, 2, 3, 5].map(account_id);
      const lines = await read_source('accounts', ['read', ...ids]);
      const theirs = await query(connection, `SELECT ${account_fields} FROM Account WHERE Id IN ` +
        `('${account_id(1)}','${account_id(4)}')`);
      assert.deepEqual(by_id(lines.filter(line => line.record).map(line => line.record)), theirs);
      const missing = Object.fromEntries(lines.filter(line => line.missing)
        .map(line => [line.missing, line.archived]));
      assert.deepEqual(missing, {[account_id(2)]: true, [account_id(5)]: false});
      assert.deepEqual(lines.filter(line => line.remapped),
        [{remapped: account_id(3), to: account_id(4)}]);
    }));

  test('sums over opportunities are those that jsforce asks for', () =>
    with_org({}, async connection => {
      const today = new Date().toISOString().slice(0, 10);
      const ours = by_id((await read_source('accounts', ['list'], {rollups: true}))
        .map(line => line.record));
      for (const n of [1, 2, 3, 4]) {
        const of_account = `FROM Opportunity WHERE AccountId = '${account_id(n)}'`;
        const won = await connection.query(
          `SELECT SUM(Amount) total ${of_account} AND IsWon = true GROUP BY AccountId`);
        const open = await connection.query(`SELECT MIN(CloseDate) soonest ${of_account} AND ` +
          `IsClosed = false AND Type LIKE '%Renewal%' AND CloseDate >= ${today} ` +
          'GROUP BY AccountId');
        assert.deepEqual(ours[account_id(n)].opportunities, {
          won_amount: won.records[0]?.total ?? 0, renewal_date: open.records[0]?.soonest ?? null});
      }
    }));

  test('a changed opportunity tells of its account', () => {
    const now = Date.now();
    return with_org({tables: org({begin: now - 120 * minute})}, async () => {
      fake.change('Opportunity', opportunity_id(3), {Amount: 7}, now - 5 * minute);
      const lines = await read_source('accounts', ['changes', String(now - 10 * minute)],
        {rollups: true});
      const account = fake.row('Opportunity', opportunity_id(3)).AccountId;
      assert.deepEqual(lines.filter(line => line.notice),
        [{notice: 'upserted', id: account, event: 'opportunity', merged: []}]);
    });
  });

  test('what Salesforce refuses along the way costs no record', () =>
    with_org({tables: org({accounts: 30}), page_rows: 10}, async connection => {
      fake.closed.add('Account.Score__c');
      fake.faults.push(
        {match: 'GET /services/data/v66.0/query/01g', times: 1, status: 400,
         code: 'INVALID_QUERY_LOCATOR'},
        {match: 'GET /services/data/v66.0/query?q', times: 1, status: 401,
         code: 'INVALID_SESSION_ID'});
      const lines = await read_source('accounts', ['list']);
      const readable = account_fields.filter(field => field !== 'Score__c');
      const theirs = await query(connection, `SELECT ${readable} FROM Account`);
      assert.deepEqual(by_id(lines.filter(line => line.record).map(line => line.record)), theirs);
      assert.match(lines.find(line => line.warning).warning, /^field Score__c of Account is refused/);
      assert.equal(fake.calls.filter(call => call.includes('/oauth2/token')).length, 2);
    }));

  test('a window that times out is halved, and nothing of it is lost', () => {
    const now = Date.now();
    return with_org({tables: org({accounts: 60, begin: now - 30 * minute})}, async () => {
      fake.faults.push({match: 'queryAll', times: 3, status: 400, code: 'QUERY_TIMEOUT'});
      const lines = await read_source('accounts', ['changes', String(now - 40 * minute)]);
      assert.equal(new Set(lines.filter(line => line.notice).map(line => line.id)).size, 60);
    });
  });

  test('a rotated refresh token outlives the process', () =>
    with_org({}, async () => {
      fake.rotates = true;
      const options = {more: '    refresh_token: "${env:SF_REFRESH}"\n'};
      process.env.SF_REFRESH = client.refresh;
      const first = await read_source('users', ['list'], options).catch(error => error);
      const second = await read_source('users', ['list'], options).catch(error => error);
      delete process.env.SF_REFRESH;
      for (const lines of [first, second]) assert.equal(lines.length, 2, lines.stderr);
      assert.notEqual(fake.refresh, client.refresh);
    }));

  test('everything that was asked is SOQL', () =>
    with_org({}, async () => {
      await read_source('accounts', ['list'], {rollups: true});
      await read_source('contacts', ['changes', String(Date.now() - 60 * minute)]);
      await read_source('contacts', ['read', contact_id(1)]);
      assert.ok(fake.queries.length >= 4);
      for (const soql of fake.queries) assert.doesNotThrow(() => parseQuery(soql), soql);
      assert.ok(stamp(0).endsWith('+0000'));
    }));
});
