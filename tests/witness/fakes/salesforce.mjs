// A Salesforce on this machine: OAuth, SOQL with pages, Bulk API 2.0 queries, describe, the
// replication calls, limits, and faults on request. As a program:
//   node fakes/salesforce.mjs [PORT]     prints `listening http://127.0.0.1:PORT`
import http from 'node:http';
import {fileURLToPath} from 'node:url';

import {Soql, SoqlError} from './soql.mjs';
import {descriptions, long_id, org, stamp} from './salesforce_data.mjs';

export const client = {id: 'consumer-key', secret: 'consumer-secret', refresh: 'refresh-1'};

class Refusal extends Error {
  constructor(status, code, message = code) {
    super(message);
    Object.assign(this, {status, code});
  }
}

const csv_cell = value => `"${String(value ?? '').replaceAll('"', '""')}"`;

export class FakeSalesforce {
  constructor({tables = org(), page_rows = 2000, bulk_polls = 2, now = Date.now} = {}) {
    Object.assign(this, {tables, page_rows, bulk_polls, now});
    this.calls = [];          // `GET /services/data/v66.0/…`
    this.queries = [];        // SOQL as it came
    this.faults = [];         // {match: text in the call, times, status, code, body, headers}
    this.hidden = new Set();  // `Account.Tier__c`: described as if it were not there
    this.closed = new Set();  // described, and refused all the same
    this.purged = [];         // {object, id, deletedDate}
    this.jobs = new Map();
    this.cursors = new Map();
    this.tokens = new Set();
    this.refresh = client.refresh;
    this.rotates = false;
    this.serial = 0;
    this.limit = 'api-usage=18/5000';
    this.soql = new Soql({
      describe: name => this.description(name),
      rows: name => this.tables[name] ?? [],
      hidden: (object, name) => this.hidden.has(`${object}.${name}`) ||
        this.closed.has(`${object}.${name}`),
    });
  }

  async start(port = 0) {
    this.server = http.createServer((request, response) => this.take(request, response));
    await new Promise(done => this.server.listen(port, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise(done => this.server.close(done));
  }

  // -- what happens in the org

  row(object, id) {
    return this.tables[object].find(row => row.Id === id);
  }
  change(object, id, values, ms = this.now()) {
    Object.assign(this.row(object, id), values,
      {SystemModstamp: stamp(ms), LastModifiedDate: stamp(ms)});
  }
  remove(object, id, ms = this.now()) {
    this.change(object, id, {IsDeleted: true}, ms);
  }
  merge(object, loser, winner, ms = this.now()) {
    this.change(object, loser, {IsDeleted: true, MasterRecordId: winner}, ms);
    this.change(object, winner, {}, ms);
  }
  purge(object, id, ms = this.now()) {
    this.tables[object] = this.tables[object].filter(row => row.Id !== id);
    this.purged.push({object, id, deletedDate: stamp(ms)});
  }
  issue_token() {
    const token = `00D!token.${++this.serial}`;
    this.tokens.add(token);
    return token;
  }

  description(name) {
    const found = descriptions.find(one => one.name.toLowerCase() === name.toLowerCase());
    return found && {...found,
      fields: found.fields.filter(field => !this.hidden.has(`${found.name}.${field.name}`))};
  }

  // -- HTTP

  async take(request, response) {
    let body = '';
    for await (const part of request) body += part;
    const url = new URL(request.url, 'http://fake');
    const call = `${request.method} ${request.url}`;
    this.calls.push(call);
    const answer = (status, value, headers = {}) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      response.writeHead(status, {'Content-Type': 'application/json',
                                  'Sforce-Limit-Info': this.limit, ...headers});
      response.end(text);
    };
    try {
      const fault = this.faults.find(one => one.times > 0 && decodeURIComponent(call)
        .includes(one.match));
      if (fault) {
        fault.times--;
        return answer(fault.status, fault.body ?? [{message: 'as ordered', errorCode: fault.code}],
                      fault.headers);
      }
      if (url.pathname === '/services/oauth2/token') return this.token(new URLSearchParams(body), answer);
      if (!this.tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) {
        throw new Refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
      }
      await this.data(request.method, url, body, answer);
    } catch (error) {
      if (error instanceof SoqlError) {
        return answer(400, [{message: error.message, errorCode: error.code}]);
      }
      if (error instanceof Refusal) {
        return answer(error.status, [{message: error.message, errorCode: error.code}]);
      }
      answer(500, [{message: String(error.stack), errorCode: 'UNKNOWN_EXCEPTION'}]);
    }
  }

  token(form, answer) {
    const refuse = (error, error_description) => answer(400, {error, error_description});
    const more = {};
    switch (form.get('grant_type')) {
      case 'client_credentials':
        if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret) {
          return refuse('invalid_client', 'invalid client credentials');
        }
        break;
      case 'refresh_token':
        if (form.get('refresh_token') !== this.refresh) {
          return refuse('invalid_grant', 'expired access/refresh token');
        }
        if (this.rotates) more.refresh_token = this.refresh = `refresh-${++this.serial}`;
        break;
      default:
        return refuse('unsupported_grant_type', 'grant type not supported');
    }
    answer(200, {access_token: this.issue_token(), instance_url: this.url, token_type: 'Bearer',
                 issued_at: String(this.now()), ...more});
  }

  async data(method, url, body, answer) {
    const [, , , version, kind, ...rest] = url.pathname.split('/');
    if (!version) return answer(200, [{version: '66.0', url: '/services/data/v66.0'}]);
    if (kind === 'query' && rest[0]) return answer(200, this.page(rest[0]));
    if (kind === 'query' || kind === 'queryAll') {
      return answer(200, this.query(url.searchParams.get('q'), kind === 'queryAll'));
    }
    if (kind === 'sobjects' && rest[1] === 'describe') {
      const description = this.description(rest[0]);
      if (!description) throw new Refusal(404, 'NOT_FOUND', 'The requested resource does not exist');
      return answer(200, description);
    }
    if (kind === 'sobjects' && (rest[1] === 'deleted' || rest[1] === 'updated')) {
      return answer(200, this.replicated(rest[0], rest[1], url.searchParams));
    }
    if (kind === 'jobs' && rest[0] === 'query') {
      return this.job(method, rest[1], rest[2], url.searchParams, body, answer);
    }
    throw new Refusal(404, 'NOT_FOUND', 'The requested resource does not exist');
  }

  query(text, all) {
    this.queries.push(text);
    const {rows} = this.soql.run(text, {all});
    const id = `01g${String(++this.serial).padStart(15, '0')}`;
    this.cursors.set(id, rows);
    return this.page(`${id}-0`);
  }

  page(locator) {
    const [id, begin] = locator.split('-');
    const rows = this.cursors.get(id);
    if (!rows) throw new Refusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const end = Number(begin) + this.page_rows;
    const done = end >= rows.length;
    // It says `query` even where it is the next page of queryAll.
    return {totalSize: rows.length, done,
            ...(done ? {} : {nextRecordsUrl: `/services/data/v66.0/query/${id}-${end}`}),
            records: rows.slice(Number(begin), end)};
  }

  replicated(object, what, parameters) {
    const [start, end] = ['start', 'end'].map(name =>
      Math.floor(Date.parse(parameters.get(name)) / 60_000) * 60_000);
    const log_begin = this.now() - 15 * 86_400_000;
    if (start < this.now() - 30 * 86_400_000 || end <= start) {
      throw new Refusal(400, 'INVALID_REPLICATION_DATE', 'startdate before org replication enabled');
    }
    const within = text => Date.parse(text) >= start && Date.parse(text) < end;
    if (what === 'updated') {
      return {ids: this.tables[object].filter(row => !row.IsDeleted && within(row.SystemModstamp))
        .map(row => row.Id), latestDateCovered: stamp(end)};
    }
    const binned = this.tables[object].filter(row => row.IsDeleted)
      .map(row => ({id: row.Id, deletedDate: row.SystemModstamp}));
    const gone = this.purged.filter(one => one.object === object)
      .map(({id, deletedDate}) => ({id, deletedDate}));
    return {deletedRecords: [...binned, ...gone].filter(one => within(one.deletedDate)),
            earliestDateAvailable: stamp(log_begin), latestDateCovered: stamp(end)};
  }

  job(method, id, part, parameters, body, answer) {
    if (method === 'POST') {
      const {query, operation} = JSON.parse(body);
      this.queries.push(query);
      const result = this.soql.run(query, {all: operation === 'queryAll'});
      const compound = result.columns.find(one => one.type === 'address' || one.type === 'location');
      if (result.query.groupBy || compound) {
        throw new Refusal(400, 'FUNCTIONALITY_NOT_ENABLED',
          'Selecting compound data not supported in Bulk Query');
      }
      const job = {id: long_id(`750${String(++this.serial).padStart(12, '0')}`), operation,
                   state: 'UploadComplete', polls: 0, result};
      this.jobs.set(job.id, job);
      return answer(200, {id: job.id, operation, state: job.state, contentType: 'CSV'});
    }
    const job = this.jobs.get(id);
    if (!job) throw new Refusal(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (!part) {
      if (++job.polls > this.bulk_polls && job.state !== 'Failed') job.state = 'JobComplete';
      return answer(200, {id, operation: job.operation, state: job.state,
                          numberRecordsProcessed: job.result.rows.length});
    }
    const begin = Number(parameters.get('locator') ?? 0);
    const end = begin + Math.min(Number(parameters.get('maxRecords') ?? 50_000), 50_000);
    const {columns, rows} = job.result;
    const cell = (row, column) => {
      const value = column.path.reduce((at, step) => at?.[step], row);
      if (value == null) return csv_cell('');
      if (column.type === 'datetime') return csv_cell(value.replace('+0000', 'Z'));
      const whole = typeof value === 'number' && Number.isInteger(value);
      return csv_cell(whole ? `${value}.0` : value);
    };
    const lines = rows.slice(begin, end).map(row => columns.map(one => cell(row, one)).join(','));
    const header = columns.map(one => csv_cell(one.text)).join(',');
    answer(200, `${[header, ...lines].join('\n')}\n`, {
      'Content-Type': 'text/csv', 'Sforce-Locator': end < rows.length ? String(end) : 'null',
      'Sforce-NumberOfRecords': String(lines.length)});
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await new FakeSalesforce().start(Number(process.argv[2] ?? 0));
  console.log(`listening ${fake.url}`);
}
