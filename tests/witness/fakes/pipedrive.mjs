// Pipedrive's API v2 as far as organizations and persons are read: cursors that are opaque and
// break when they are tampered with, `updated_since` that includes its moment, ids that are silently
// left out when there is no such row, and a token in x-api-token.
import { Clock, FakeServer, Refusal } from './server.mjs';

const TOKEN = 'sample-token';
const MOST = 500;
const rfc3339 = (date) => date.toISOString().replace('.000', '');

export class FakePipedrive extends FakeServer {
  constructor(organizations = 0, persons = 0) {
    super([
      ['GET', '/api/v2/(organizations|persons)', (asked, kind) => this.#list(asked, kind)],
      ['GET', '/api/v2/(organizations|persons)/(\\d+)', (asked, kind, id) => this.#one(asked, kind, id)],
    ]);
    this.clock = new Clock();
    this.rows = { organizations: new Map(), persons: new Map() };
    for (let id = 1; id <= organizations; ++id) {
      this.put('organizations', id, { name: `Organization ${id}`, address: null, label_ids: [] });
    }
    for (let id = 1; id <= persons; ++id) {
      const org = organizations > 0 && id % 7 !== 0 ? 1 + (id % organizations) : null;
      this.put('persons', id, {
        name: `Person ${id}`, first_name: 'Person', last_name: String(id), org_id: org,
        emails: [{ value: `person${id}@example.test`, primary: true, label: 'work' }], phones: [],
      });
    }
  }

  put(kind, id, fields) {
    const time = rfc3339(this.clock.now());
    const known = this.rows[kind].get(id);
    const row = known ?? { id, add_time: time, owner_id: 1, visible_to: 3, is_deleted: false,
      custom_fields: { '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b': null } };
    this.rows[kind].set(id, { ...row, ...fields, update_time: time });
    return this.rows[kind].get(id);
  }

  remove(kind, id) {
    this.rows[kind].delete(id);
  }

  #authorize(asked) {
    if (asked.headers['x-api-token'] === TOKEN) return;
    throw new Refusal(401, { success: false, error: 'unauthorized access', errorCode: 401 });
  }

  #list(asked, kind) {
    this.#authorize(asked);
    const { query } = asked;
    const limit = Number(query.get('limit') ?? 100);
    if (!(limit >= 1 && limit <= MOST)) throw new Refusal(400, { success: false, error: 'limit' });
    let rows = [...this.rows[kind].values()];
    if (query.has('ids')) {
      const ids = query.get('ids').split(',');
      if (ids.length > 100) throw new Refusal(400, { success: false, error: 'ids' });
      rows = rows.filter((row) => ids.includes(String(row.id)));
    }
    if (query.has('updated_since')) {
      const since = query.get('updated_since');
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(since)) {
        throw new Refusal(400, { success: false, error: 'updated_since' });
      }
      rows = rows.filter((row) => Date.parse(row.update_time) >= Date.parse(since));
    }
    const by = query.get('sort_by') ?? 'id';
    const sign = query.get('sort_direction') === 'desc' ? -1 : 1;
    rows.sort((a, b) => (a[by] < b[by] ? -sign : a[by] > b[by] ? sign : a.id - b.id));
    if (query.has('cursor')) {
      const after = JSON.parse(Buffer.from(query.get('cursor'), 'base64url').toString());
      rows = rows.filter((row) => sign * (row[by] < after.value ? -1 : row[by] > after.value ? 1
        : Math.sign(row.id - after.id)) > 0);
    }
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit
      ? Buffer.from(JSON.stringify({ value: last[by], id: last.id })).toString('base64url') : null;
    return { success: true, data: page, additional_data: { next_cursor: next } };
  }

  #one(asked, kind, id) {
    this.#authorize(asked);
    const row = this.rows[kind].get(Number(id));
    if (!row) throw new Refusal(404, { success: false, error: 'not found', code: 'ERR_NOT_FOUND' });
    return { success: true, data: row };
  }
}

FakePipedrive.TOKEN = TOKEN;
