// Plain node:http and better-sqlite3, all requests of one turn in one commit: the best that Node can
// do without leaving its thread.
import { createServer } from 'node:http';
import { openInbox } from './inbox.mjs';
import { isSigned } from './signature.mjs';

const { db, insert } = openInbox(process.env.DATABASE);
let waiting = [];

const commit = db.transaction((group) => {
  const now = Date.now();
  for (const { body } of group) insert.run(now, body);
});

function flush() {
  const group = waiting;
  waiting = [];
  commit(group);
  for (const { response } of group) response.writeHead(200, { 'Content-Length': 0 }).end();
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (!isSigned(request.method, request.url, request.headers, body)) {
      response.writeHead(401).end();
      return;
    }
    if (waiting.push({ body, response }) === 1) setImmediate(flush);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${server.address().port} `);
});
