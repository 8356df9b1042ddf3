// EspoCRM's API as far as accounts and contacts are read: offset and maxSize, filters in whereGroup,
// attributeSelect, times in UTC without a zone, deleted records that nothing shows. A link to several
// records (accountsIds) is in a list only where it is selected, in a single reading always.
import { Clock, FakeServer, Refusal } from './server.mjs';

const KEY = 'samplekey';
const LINKS = ['accountsIds'];
const COMPARED = {
  equals: (a, b) => a === b,
  greaterThan: (a, b) => a > b,
  greaterThanOrEquals: (a, b) => a >= b,
};
const stamp = (date) => date.toISOString().slice(0, 19).replace('T', ' ');

export class FakeEspo extends FakeServer {
  constructor(accounts, contacts) {
    super([
      ['GET', '/api/v1/(Account|Contact)', (asked, kind) => this.#list(asked, kind)],
      ['GET', '/api/v1/(Account|Contact)/([^/]+)', (asked, kind, id) => this.#one(asked, kind, id)],
    ]);
    this.clock = new Clock();
    this.rows = { Account: new Map(), Contact: new Map() };
    for (let n = 1; n <= accounts; ++n) {
      this.put('Account', `acc${n}`, { name: `Account ${n}`, website: `https://account${n}.test` });
    }
    for (let n = 1; n <= contacts; ++n) {
      this.put('Contact', `con${n}`, { name: `Contact ${n}`, emailAddress: `c${n}@account.test`,
        accountId: n % 6 === 0 ? null : `acc${1 + (n % accounts)}`,
        accountsIds: n % 6 === 0 ? [] : [`acc${1 + (n % accounts)}`, `acc${1 + ((n + 1) % accounts)}`] });
    }
  }

  put(kind, id, fields) {
    const time = stamp(this.clock.now());
    const row = { id, deleted: false, createdAt: time, ...this.rows[kind].get(id), ...fields, modifiedAt: time };
    this.rows[kind].set(id, row);
    return row;
  }

  remove(kind, id) {
    this.rows[kind].delete(id);
  }

  #authorize(asked) {
    if (asked.headers['x-api-key'] !== KEY) throw new Refusal(401, 'Unauthorized');
  }

  #list(asked, kind) {
    this.#authorize(asked);
    const { query } = asked;
    const size = Number(query.get('maxSize') ?? 20);
    if (size > 200) throw new Refusal(403, 'maxSize');
    const offset = Number(query.get('offset') ?? 0);
    let rows = [...this.rows[kind].values()];
    for (let i = 0; query.has(`whereGroup[${i}][type]`); ++i) {
      const part = (name) => query.get(`whereGroup[${i}][${name}]`);
      const compare = COMPARED[part('type')];
      if (!compare || !part('value')) throw new Refusal(400, 'where');
      if (part('attribute').endsWith('At') && !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(part('value'))) {
        throw new Refusal(400, 'value');
      }
      rows = rows.filter((row) => compare(row[part('attribute')], part('value')));
    }
    const by = query.get('orderBy') ?? 'createdAt';
    rows.sort((a, b) => (a[by] < b[by] ? -1 : 1));
    const selected = query.get('attributeSelect')?.split(',');
    const shown = (name) => (selected ? name === 'id' || selected.includes(name) : !LINKS.includes(name));
    const seen = (row) => Object.fromEntries(Object.entries(row).filter(([name]) => shown(name)));
    return { total: rows.length, list: rows.slice(offset, offset + size).map(seen) };
  }

  #one(asked, kind, id) {
    this.#authorize(asked);
    const row = this.rows[kind].get(id);
    if (!row) throw new Refusal(404, '');
    return row;
  }
}

FakeEspo.KEY = KEY;
