// Odoo 19's JSON-2 as far as partners are read: a search by POST whose answer is the bare list, false
// where there is no value, references as [id, name], times in UTC without a zone.
import { Clock, FakeServer, Refusal } from './server.mjs';

const KEY = 'sample-key';
const stamp = (date) => date.toISOString().slice(0, 19).replace('T', ' ');

export class FakeOdoo extends FakeServer {
  constructor(companies, contacts) {
    super([['POST', '/json/2/res.partner/search_read', (asked) => this.#search(asked)]]);
    this.clock = new Clock();
    this.rows = new Map();
    for (let n = 1; n <= companies; ++n) {
      this.put(n, { is_company: true, name: `Company ${n}`, website: `https://company${n}.test`,
        email: false, parent_id: false });
    }
    for (let n = 1; n <= contacts; ++n) {
      this.put(companies + n, { is_company: false, name: `Contact ${n}`, website: false,
        email: n % 3 === 0 ? false : `c${n}@company.test`,
        parent_id: n % 5 === 0 ? false : [1 + (n % companies), `Company ${1 + (n % companies)}`] });
    }
  }

  put(id, fields) {
    const time = stamp(this.clock.now());
    const row = { id, active: true, create_date: time, ...this.rows.get(id), ...fields, write_date: time };
    this.rows.set(id, row);
    return row;
  }

  remove(id) {
    this.rows.delete(id);
  }

  #search(asked) {
    if (asked.headers.authorization?.toLowerCase() !== `bearer ${KEY}`) {
      throw new Refusal(401, { name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey' });
    }
    if (asked.headers['x-odoo-database'] !== 'sample') throw new Refusal(404, '<html>no database</html>');
    const { domain = [], fields, limit = 1000, order = 'id' } = asked.body;
    if (order !== 'id') throw new Refusal(422, { name: 'ValueError', message: 'order' });
    const tests = {
      '=': (a, b) => a === b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
      in: (a, b) => b.includes(a),
    };
    for (const [field, test, value] of domain) {
      if (!tests[test] || value === undefined) throw new Refusal(422, { name: 'ValueError', message: field });
    }
    return [...this.rows.values()]
      .filter((row) => row.active && domain.every(([field, test, value]) => tests[test](row[field], value)))
      .sort((a, b) => a.id - b.id).slice(0, limit)
      .map((row) => Object.fromEntries(Object.entries(row)
        .filter(([name]) => name === 'id' || !fields || fields.includes(name))));
  }
}

FakeOdoo.KEY = KEY;
