// Fastify and better-sqlite3, one commit a request: what most services do.
import Fastify from 'fastify';
import { openInbox } from './inbox.mjs';
import { isSigned } from './signature.mjs';

const { insert } = openInbox(process.env.DATABASE);
const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
app.post('/hooks/hubspot', (request, reply) => {
  if (!isSigned('POST', request.raw.url, request.headers, request.body)) {
    reply.code(401).send();
    return;
  }
  insert.run(Date.now(), request.body);
  reply.code(200).send();
});
console.log(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })} `);
