// Twenty's REST API as far as companies and people are read: a cursor over ids, filters as text, soft
// deletion that only a filter on deletedAt shows, and at most 60 rows a page.
import { Clock, FakeServer, Refusal } from './server.mjs';

const KEY = 'sample.jwt.key';
const MOST = 60;

export class FakeTwenty extends FakeServer {
  constructor(companies, people) {
    super([['GET', '/rest/(companies|people)', (asked, kind) => this.#list(asked, kind)]]);
    this.clock = new Clock();
    this.rows = { companies: new Map(), people: new Map() };
    for (let n = 1; n <= companies; ++n) {
      this.put('companies', this.id(n), { name: `Company ${n}`, searchVector: 'x',
        domainName: { primaryLinkLabel: '', primaryLinkUrl: `https://company${n}.test`, secondaryLinks: [] },
        annualRecurringRevenue: { amountMicros: String(n * 1_000_000), currencyCode: 'EUR' } });
    }
    for (let n = 1; n <= people; ++n) {
      this.put('people', this.id(n), { name: { firstName: 'Person', lastName: `${n}` },
        emails: { primaryEmail: `p${n}@company.test`, additionalEmails: [] },
        companyId: n % 4 === 0 ? null : this.id(1 + (n % companies)) });
    }
  }

  /** Ids in an order that is not that of creation. */
  id(n) {
    return `${((n * 2654435761) % 4294967296).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  }

  put(kind, id, fields) {
    const time = this.clock.now().toISOString();
    const row = { id, createdAt: time, deletedAt: null, ...this.rows[kind].get(id), ...fields, updatedAt: time };
    this.rows[kind].set(id, row);
    return row;
  }

  remove(kind, id) {
    this.rows[kind].get(id).deletedAt = this.clock.now().toISOString();
  }

  #list(asked, kind) {
    if (asked.headers.authorization !== `Bearer ${KEY}`) throw new Refusal(401, { statusCode: 401 });
    const { query } = asked;
    const limit = Math.min(Number(query.get('limit') ?? MOST), MOST);
    const filter = query.get('filter') ?? '';
    const [, field, comparator, written] = filter.match(/^(\w+)\[(\w+)\]:(.+)$/) ?? [];
    if (filter && !field) throw new Refusal(400, { statusCode: 400, messages: ['filter'] });
    const tests = {
      gte: (value) => value !== null && value >= JSON.parse(written),
      in: (value) => written.slice(1, -1).split(',').includes(value),
    };
    if (field && !tests[comparator]) throw new Refusal(400, { statusCode: 400, messages: ['comparator'] });
    const after = query.get('starting_after');
    const rows = [...this.rows[kind].values()]
      .filter((row) => field === 'deletedAt' || row.deletedAt === null)
      .filter((row) => !field || tests[comparator](row[field]))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .filter((row) => !after || row.id > Buffer.from(after, 'base64').toString());
    const page = rows.slice(0, limit);
    const cursor = (row) => (row ? Buffer.from(row.id).toString('base64') : null);
    return { data: { [kind]: page }, totalCount: rows.length,
      pageInfo: { hasNextPage: rows.length > limit, startCursor: cursor(page[0]), endCursor: cursor(page.at(-1)) } };
  }
}

FakeTwenty.KEY = KEY;
