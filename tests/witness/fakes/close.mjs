// Close's API v1 as far as leads and contacts are read: a search with a cursor, an event log with the
// newest first, Basic authorisation with an empty password, and rate limits in a header of its own.
import { Clock, FakeServer, Refusal } from './server.mjs';

const KEY = 'api_sample.key';
const naive = (date) => date.toISOString().replace('Z', '000');

export class FakeClose extends FakeServer {
  constructor(leads, contacts) {
    super([
      ['POST', '/api/v1/data/search/', (asked) => this.#search(asked)],
      ['GET', '/api/v1/(lead|contact)/([^/]+)/', (asked, type, id) => this.#one(asked, type, id)],
      ['GET', '/api/v1/event/', (asked) => this.#events(asked)],
    ]);
    this.clock = new Clock();
    this.rows = { lead: new Map(), contact: new Map() };
    this.log = [];
    for (let n = 1; n <= leads; ++n) {
      this.put('lead', `lead_${n}`, { display_name: `Lead ${n}`, url: `https://lead${n}.test`,
        'custom.cf_Tier': n % 3 === 0 ? 'Gold' : null });
    }
    for (let n = 1; n <= contacts; ++n) {
      this.put('contact', `cont_${n}`, { name: `Contact ${n}`, lead_id: `lead_${1 + (n % leads)}`,
        emails: [{ type: 'office', email: `c${n}@lead.test` }] });
    }
  }

  put(type, id, fields) {
    const time = naive(this.clock.now());
    const known = this.rows[type].get(id);
    const row = { id, organization_id: 'orga_1', date_created: time, ...known, ...fields, date_updated: time };
    this.rows[type].set(id, row);
    this.#note(type, id, known ? 'updated' : 'created', row);
    return row;
  }

  remove(type, id) {
    this.rows[type].delete(id);
    this.#note(type, id, 'deleted', null);
  }

  merge(source, destination) {
    const meta = { merge_source_lead_id: source, merge_destination_lead_id: destination };
    this.rows.lead.delete(source);
    this.#note('lead', source, 'deleted', null, meta);
    this.#note('lead', destination, 'merged', this.rows.lead.get(destination), meta);
  }

  #note(object_type, object_id, action, data, meta = {}) {
    const time = naive(this.clock.now());
    this.log.unshift({ id: `ev_${this.log.length + 1}`, object_type, object_id, action, data, meta,
      date_created: time, date_updated: time, changed_fields: [], previous_data: {} });
  }

  #authorize(asked) {
    const expected = `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`;
    if (asked.headers.authorization !== expected) throw new Refusal(401, { error: 'unauthorized' });
  }

  #search(asked) {
    this.#authorize(asked);
    const { query, _fields, _limit = 50, cursor } = asked.body;
    if (query.type !== 'object_type' || !this.rows[query.object_type] || _limit > 200) {
      throw new Refusal(400, { error: 'query' });
    }
    const from = cursor ? Number(Buffer.from(cursor, 'base64').toString()) : 0;
    const rows = [...this.rows[query.object_type].values()];
    const next = from + _limit < rows.length ? Buffer.from(String(from + _limit)).toString('base64') : null;
    const fields = _fields?.[query.object_type] ?? ['id'];
    return { data: rows.slice(from, from + _limit).map((row) => only(row, fields)), cursor: next };
  }

  #one(asked, type, id) {
    this.#authorize(asked);
    const row = this.rows[type].get(id);
    if (!row) throw new Refusal(404, { error: 'not found' });
    return only(row, asked.query.get('_fields')?.split(',') ?? Object.keys(row));
  }

  #events(asked) {
    this.#authorize(asked);
    const { query } = asked;
    const since = query.get('date_updated__gte') ?? '';
    const limit = Number(query.get('_limit') ?? 50);
    if (limit > 50) throw new Refusal(400, { error: '_limit' });
    const events = this.log.filter((event) => event.object_type === query.get('object_type') &&
      Date.parse(`${event.date_updated}Z`) >= (since ? Date.parse(since) : 0));
    const from = Number(query.get('_cursor') ?? 0);
    const next = from + limit < events.length ? String(from + limit) : null;
    return { data: events.slice(from, from + limit), cursor_next: next, cursor_previous: String(from) };
  }
}

const only = (row, fields) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name === 'id' || fields.includes(name)));

FakeClose.KEY = KEY;
