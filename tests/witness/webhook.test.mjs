// The libraries that senders sign with as a witness: what they sign, the program believes; what was
// changed on the way, it refuses. They know nothing of our code, and the program runs as it is.
//
// ASSEMBLY_SYNC is the path of the program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';

import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const SECRETS = [newSecret(), newSecret()];
const KEYS = generateKeyPairSync('ed25519');
const PUBLIC_KEY = `whpk_${KEYS.publicKey.export({ format: 'der', type: 'spki' })
  .subarray(-32).toString('base64')}`;

const CONFIG = `version: 1
assembly: {base_url: "http://127.0.0.1:9", api_key: "\${env:API_KEY}"}
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  product:
    type: webhook
    verify: {scheme: standard-webhooks, secrets: ["\${env:OLD}", "\${env:NEW}", "\${env:PUBLIC}"]}
    objects: {things: {id: id}}
`;

class Daemon {
  constructor(program) {
    this.folder = mkdtempSync(join(tmpdir(), 'witness-'));
    const config = join(this.folder, 'config.yaml');
    writeFileSync(config, CONFIG);
    this.process = spawn(program, ['run', '-c', config], {
      env: { API_KEY: 'key', OLD: SECRETS[0], NEW: SECRETS[1], PUBLIC: PUBLIC_KEY },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.process.on('exit', resolve));
  }

  async start() {
    for await (const line of readline.createInterface({ input: this.process.stdout })) {
      const found = /event=started.* webhooks="?(http[^ "]+)"?.* admin="?(http[^ "]+)"?/.exec(line);
      if (!found) continue;
      [, this.webhooks, this.admin] = found;
      this.process.stdout.resume();
      return;
    }
    assert.fail('the program ended before it listened');
  }

  async post(headers, body) {
    const answer = await fetch(`${this.webhooks}/hooks/product`, { method: 'POST', headers, body });
    await answer.text();
    return answer.status;
  }

  async status() {
    return (await fetch(`${this.admin}/api/status`)).json();
  }

  async stop() {
    this.process.kill('SIGTERM');
    assert.equal(await this.ended, 0);
    rmSync(this.folder, { recursive: true });
  }
}

let daemon;
let messages = 0;

/// A body with headers as the library signs them, under the names that `prefix` begins.
function signed(Library, secret, prefix, body, time = new Date()) {
  messages += 1;
  const id = `msg_${messages}`;
  return {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(Math.floor(time.getTime() / 1000)),
    [`${prefix}-signature`]: new Library(secret).sign(id, time, body),
  };
}

const LIBRARIES = [
  ['standardwebhooks', StandardWebhook, 'webhook'],
  ['svix', SvixWebhook, 'svix'],
  ['svix under the standard names', SvixWebhook, 'webhook'],
];
const BODIES = [
  '{"id":"1","name":"Acme"}',
  '{ "id" : 2,\n  "name": "Zoë Ωmega 株式会社 🚀" }\n',
  JSON.stringify({ id: '3', text: 'x'.repeat(200_000) }),
  '[{"id":4},{"id":5}]',
];

before(async () => {
  assert.ok(process.env.ASSEMBLY_SYNC, 'ASSEMBLY_SYNC must name the program');
  daemon = new Daemon(process.env.ASSEMBLY_SYNC);
  await daemon.start();
});

after(() => daemon.stop());

test('what the libraries sign is believed, with either secret', async () => {
  for (const [name, Library, prefix] of LIBRARIES) {
    for (const secret of SECRETS) {
      for (const body of BODIES) {
        assert.equal(await daemon.post(signed(Library, secret, prefix, body), body), 200, name);
      }
    }
  }
});

test('what was changed on the way is refused', async () => {
  const body = BODIES[0];
  for (const [name, Library, prefix] of LIBRARIES) {
    const make = () => signed(Library, SECRETS[0], prefix, body);
    const changes = {
      'another body': [make(), body.replace('Acme', 'Acne')],
      'a blank more': [make(), `${body} `],
      'another id': [{ ...make(), [`${prefix}-id`]: 'msg_other' }, body],
      'another time': [{ ...make(), [`${prefix}-timestamp`]:
        String(Math.floor(Date.now() / 1000) - 1) }, body],
      'another secret': [signed(Library, newSecret(), prefix, body), body],
      'no signature': [{ ...make(), [`${prefix}-signature`]: '' }, body],
      'the signature of another body':
        [{ ...make(), [`${prefix}-signature`]:
          signed(Library, SECRETS[0], prefix, '{}')[`${prefix}-signature`] }, body],
    };
    for (const [what, [headers, sent]] of Object.entries(changes)) {
      assert.equal(await daemon.post(headers, sent), 401, `${name}: ${what}`);
    }
  }
});

test('what is too old or too far ahead is refused, though it is signed', async () => {
  const body = BODIES[0];
  for (const [name, Library, prefix] of LIBRARIES) {
    for (const seconds of [-400, 400]) {
      const time = new Date(Date.now() + seconds * 1000);
      const headers = signed(Library, SECRETS[0], prefix, body, time);
      assert.equal(await daemon.post(headers, body), 401, `${name}: ${seconds}`);
      if (Library === StandardWebhook) {
        assert.throws(() => new Library(SECRETS[0]).verify(body, headers), 'and by the library');
      }
    }
  }
});

test('one good signature among others is enough', async () => {
  const body = BODIES[0];
  const headers = signed(StandardWebhook, SECRETS[1], 'webhook', body);
  const other = new StandardWebhook(newSecret()).sign(headers['webhook-id'], new Date(), body);
  headers['webhook-signature'] = `${other} v1a,AAAA v9,x ${headers['webhook-signature']}`;
  assert.equal(await daemon.post(headers, body), 200);
  assert.deepEqual(new StandardWebhook(SECRETS[1]).verify(body, headers), JSON.parse(body));
});

test('the key pair of Node signs what is believed', async () => {
  const body = BODIES[1];
  const headers = {
    'webhook-id': 'msg_pair',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
  };
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = sign(null, Buffer.from(content), KEYS.privateKey);
  headers['webhook-signature'] = `v1a,${signature.toString('base64')}`;
  assert.equal(await daemon.post(headers, body), 200);
  signature[3] ^= 1;
  headers['webhook-signature'] = `v1a,${signature.toString('base64')}`;
  assert.equal(await daemon.post(headers, body), 401);
});

test('what was refused is kept aside and nothing of it is taken', async () => {
  const before = await daemon.status();
  const body = BODIES[0];
  assert.equal(await daemon.post(signed(SvixWebhook, newSecret(), 'svix', body), body), 401);
  const now = await daemon.status();
  assert.equal(now.quarantine, before.quarantine + 1);
  // Time went on; nothing else did.
  for (const status of [before, now]) delete status.sources.product.silent_seconds;
  assert.deepEqual(now.sources, before.sources);
});
