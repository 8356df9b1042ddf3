// Attio's API v2 as far as companies and people are read: queries by POST with limit and offset in
// the body, values that are lists, and no word about when a record changed.
import { FakeServer, Refusal } from './server.mjs';

const TOKEN = 'sample-token';
const uuid = (kind, n) => `${kind}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const KINDS = { companies: '0000c000', people: '0000b000' };

export class FakeAttio extends FakeServer {
  constructor(companies, people) {
    super([
      ['POST', '/v2/objects/(companies|people)/records/query', (asked, kind) => this.#query(asked, kind)],
      ['GET', '/v2/objects/(companies|people)/records/([^/]+)', (asked, kind, id) => this.#one(asked, kind, id)],
    ]);
    this.rows = { companies: new Map(), people: new Map() };
    for (let n = 1; n <= companies; ++n) {
      this.put('companies', n, {
        name: [value('text', { value: `Company ${n}` })],
        domains: [value('domain', { domain: `company${n}.test`, root_domain: `company${n}.test` })],
      });
    }
    for (let n = 1; n <= people; ++n) {
      this.put('people', n, {
        name: [value('personal-name', { first_name: 'Person', last_name: `${n}`, full_name: `Person ${n}` })],
        email_addresses: [value('email-address', {
          original_email_address: `p${n}@company.test`, email_address: `p${n}@company.test`,
          email_domain: 'company.test', email_root_domain: 'company.test', email_local_specifier: `p${n}` })],
        company: n % 5 === 0 ? [] : [value('record-reference', {
          target_object: 'companies', target_record_id: this.id('companies', 1 + (n % companies)),
        })],
      });
    }
  }

  id(kind, n) {
    return uuid(KINDS[kind], n);
  }

  put(kind, n, values) {
    const id = this.id(kind, n);
    const known = this.rows[kind].get(id);
    this.rows[kind].set(id, {
      id: { workspace_id: uuid('00000000', 1), object_id: uuid(KINDS[kind], 0), record_id: id },
      created_at: known?.created_at ?? new Date(1767225600000 + n * 60_000).toISOString(),
      web_url: `https://app.attio.com/sample/${kind}/${id}`,
      values: { ...known?.values, ...values },
    });
    return this.rows[kind].get(id);
  }

  remove(kind, n) {
    this.rows[kind].delete(this.id(kind, n));
  }

  #authorize(asked) {
    if (asked.headers.authorization === `Bearer ${TOKEN}`) return;
    throw new Refusal(401, { status_code: 401, type: 'auth_error', code: 'unauthorized', message: 'no' });
  }

  #query(asked, kind) {
    this.#authorize(asked);
    const { limit = 500, offset = 0 } = asked.body ?? {};
    if (!Number.isInteger(limit) || limit < 1 || limit > 500 || !Number.isInteger(offset)) {
      throw new Refusal(400, { status_code: 400, type: 'invalid_request_error', code: 'validation_type', message: 'limit' });
    }
    const rows = [...this.rows[kind].values()].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
    return { data: rows.slice(offset, offset + limit) };
  }

  #one(asked, kind, id) {
    this.#authorize(asked);
    const row = this.rows[kind].get(id);
    if (!row) {
      throw new Refusal(404, { status_code: 404, type: 'invalid_request_error', code: 'not_found', message: 'none' });
    }
    return { data: row };
  }
}

/** One typed value object, as every attribute holds in a list. */
function value(attribute_type, fields) {
  return { active_from: '2026-01-01T00:00:00.000000000Z', active_until: null,
    created_by_actor: { type: 'system', id: uuid('00000000', 9) }, attribute_type, ...fields };
}

FakeAttio.TOKEN = TOKEN;
