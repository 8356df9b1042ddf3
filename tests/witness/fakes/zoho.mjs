// Zoho CRM's API v8 as far as accounts and contacts are read, with its token endpoint: fields that
// must be named, pages up to the 2000th record and a token behind them, If-Modified-Since, 304 and
// 204 without a body, and a list of what was deleted.
import { Clock, FakeServer, Refusal } from './server.mjs';

const zoned = (date) => `${date.toISOString().slice(0, 19)}+00:00`;

export class FakeZoho extends FakeServer {
  constructor(accounts, contacts) {
    super([
      ['POST', '/oauth/v2/token', (asked) => this.#token(asked)],
      ['GET', '/crm/v8/(Accounts|Contacts)', (asked, kind) => this.#list(asked, kind)],
      ['GET', '/crm/v8/(Accounts|Contacts)/deleted', (asked, kind) => this.#deleted(asked, kind)],
    ]);
    this.clock = new Clock();
    this.tokens = 0;
    this.rows = { Accounts: new Map(), Contacts: new Map() };
    this.bin = { Accounts: [], Contacts: [] };
    for (let n = 1; n <= accounts; ++n) {
      this.put('Accounts', this.id(n), { Account_Name: `Account ${n}`, Website: `https://account${n}.test` });
    }
    for (let n = 1; n <= contacts; ++n) {
      this.put('Contacts', this.id(n), { Full_Name: `Contact ${n}`, Email: `c${n}@account.test`,
        Account_Name: n % 8 === 0 ? null : { name: `Account ${n}`, id: this.id(1 + (n % accounts)) } });
    }
  }

  id(n) {
    return String(554023000000000000n + BigInt(n));
  }

  put(kind, id, fields) {
    const time = zoned(this.clock.now());
    const row = { id, Created_Time: time, ...this.rows[kind].get(id), ...fields, Modified_Time: time };
    this.rows[kind].set(id, row);
    return row;
  }

  remove(kind, id) {
    this.rows[kind].delete(id);
    this.bin[kind].push({ id, type: 'recycle', deleted_time: zoned(this.clock.now()), deleted_by: null });
  }

  #token(asked) {
    const form = new URLSearchParams(asked.text);
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== 'refresh' ||
        form.get('client_id') !== 'client' || form.get('client_secret') !== 'secret') {
      return { error: 'invalid_code' };
    }
    return { access_token: `token${++this.tokens}`, api_domain: this.url, token_type: 'Bearer', expires_in: 3600 };
  }

  #authorize(asked) {
    if (asked.headers.authorization === `Zoho-oauthtoken token${this.tokens}` && this.tokens > 0) return;
    throw new Refusal(401, { code: 'INVALID_TOKEN', message: 'invalid oauth token', status: 'error' });
  }

  #page(asked, rows) {
    const size = Number(asked.query.get('per_page') ?? 200);
    if (size > 200) throw new Refusal(400, { code: 'INVALID_DATA' });
    const token = asked.query.get('page_token');
    if (token && asked.query.has('page')) throw new Refusal(400, { code: 'INVALID_DATA' });
    const page = Number(asked.query.get('page') ?? 1);
    if (!token && page * size > 2000) throw new Refusal(400, { code: 'PAGINATION_LIMIT_EXCEEDED' });
    const from = token ? Number(token.slice(2)) : (page - 1) * size;
    const data = rows.slice(from, from + size);
    const more = rows.length > from + size;
    return { data, info: { per_page: size, count: data.length, page, more_records: more,
      next_page_token: more ? `t-${from + size}` : null } };
  }

  #since(asked, rows, field) {
    const since = asked.headers['if-modified-since'];
    if (!since) return rows;
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/.test(since)) throw new Refusal(400, { code: 'INVALID_DATA' });
    const newer = rows.filter((row) => Date.parse(row[field]) >= Date.parse(since));
    if (newer.length === 0) throw new Refusal(304);
    return newer;
  }

  #list(asked, kind) {
    this.#authorize(asked);
    const fields = asked.query.get('fields')?.split(',');
    if (!fields || fields.length > 50) throw new Refusal(400, { code: 'REQUIRED_PARAM_MISSING' });
    let rows = [...this.rows[kind].values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (asked.query.has('ids')) rows = rows.filter((row) => asked.query.get('ids').split(',').includes(row.id));
    rows = this.#since(asked, rows, 'Modified_Time');
    if (rows.length === 0) return undefined;
    return this.#page(asked, rows.map((row) => Object.fromEntries(Object.entries(row)
      .filter(([name]) => name === 'id' || fields.includes(name)))));
  }

  #deleted(asked, kind) {
    this.#authorize(asked);
    const rows = this.#since(asked, this.bin[kind], 'deleted_time');
    return rows.length === 0 ? undefined : this.#page(asked, rows);
  }
}
