// What every fake CRM needs: a local server with routes, a log of what it was asked, and answers
// that go wrong on request. A fake is a list of routes and the rows behind them.
import http from 'node:http';

/** Thrown by a route to answer with another status. */
export class Refusal extends Error {
  constructor(status, body, headers = {}) {
    super(`refused with ${status}`);
    Object.assign(this, { status, body, headers });
  }
}

export class FakeServer {
  /** Routes: [method, pattern of the path, (request) => body]. A body that is undefined is 204. */
  constructor(routes) {
    this.routes = routes;
    this.requests = [];
    this.faults = [];  // answered once each, before any route
    this.server = http.createServer((request, response) => this.#handle(request, response));
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this.url;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The next request is answered like this. */
  fault(status, body = '', headers = {}) {
    this.faults.push(new Refusal(status, body, headers));
  }

  async #handle(request, response) {
    let text = '';
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url, this.url);
    const asked = { method: request.method, path: url.pathname, query: url.searchParams,
      headers: request.headers, text, body: text && request.headers['content-type']?.includes('json')
        ? JSON.parse(text) : undefined };
    this.requests.push(asked);
    try {
      if (this.faults.length > 0) throw this.faults.shift();
      this.#answer(response, 200, this.#route(asked));
    } catch (error) {
      if (!(error instanceof Refusal)) error = new Refusal(500, { error: String(error.stack) });
      this.#answer(response, error.status, error.body, error.headers);
    }
  }

  #route(asked) {
    for (const [method, pattern, handler] of this.routes) {
      const match = method === asked.method && asked.path.match(new RegExp(`^${pattern}$`));
      if (match) return handler(asked, ...match.slice(1).map(decodeURIComponent));
    }
    throw new Refusal(404, { error: `no route for ${asked.method} ${asked.path}` });
  }

  #answer(response, status, body, headers = {}) {
    if (body === undefined) {
      response.writeHead(status === 200 ? 204 : status, headers).end();
    } else if (typeof body === 'string') {
      response.writeHead(status, { 'Content-Type': 'text/html', ...headers }).end(body);
    } else {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    }
  }
}

/** A clock that ticks a second with every look, so that no two changes share a time by accident. */
export class Clock {
  constructor(start = '2026-01-01T08:00:00Z') {
    this.ms = Date.parse(start);
  }

  now() {
    this.ms += 1000;
    return new Date(this.ms);
  }
}
