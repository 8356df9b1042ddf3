// What the browser looks at: the local Assembly and the program as processes, fed from a CSV file,
// in a folder of their own. Everything ends with the test.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';

const program = process.env.ASSEMBLY_SYNC;
assert.ok(program, 'ASSEMBLY_SYNC must name the program');

export const RULE = 'amount | to_number';

const config = (assembly) => `version: 1
assembly: {base_url: "${assembly}", api_key: "\${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
listen:
  webhooks: 127.0.0.1:0
  admin: 127.0.0.1:0
  public_url: https://sync.example.test
sources:
  billing:
    type: csv
    path: billing.csv
    poll_seconds: 0
    objects: {customers: {id: id}}
  product:
    type: webhook
    verify: {scheme: standard-webhooks, secrets: ["\${env:PRODUCT_SECRET}"]}
    objects: {logins: {id: id}}
mappings:
  - name: customers
    from: billing.customers
    to: company
    key: concat("billing-", id)
    fields:
      name: name
      domain: domain
      contract_value: ${RULE}
    additional_properties:
      Plan: plan
tests:
  - mapping: customers
    record: {id: "1", name: Acme, domain: acme.test, amount: "5", plan: Team}
    expect: {key: billing-1, fields: {name: Acme, contract_value: 5}}
`;

async function firstLine(child, found) {
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const match = line.match(found);
    if (match) {
      child.stdout.resume();
      return match;
    }
  }
  throw new Error('the program ended early');
}

export class World {
  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), 'assembly-sync-console-'));
    this.children = [];
    this.environment = {
      ...process.env,
      ASSEMBLY_API_KEY: 'sandbox-key',
      PRODUCT_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    };
  }

  file(name) {
    return path.join(this.folder, name);
  }

  async start(rows) {
    const assembly = this.#spawn(['sandbox', '--latency', '20']);
    this.assembly = (await firstLine(assembly, /listening (\S+)/))[1];
    this.rows(rows);
    writeFileSync(this.file('config.yaml'), config(this.assembly));
    this.daemon = this.#spawn(['run', '-c', this.file('config.yaml')]);
    const started = await firstLine(
      this.daemon,
      /event=started webhooks=(\S+) admin=(\S+) admin_token=(\S+)/,
    );
    this.webhooks = started[1];
    this.admin = started[2];
    this.token = readFileSync(started[3], 'utf8').trim();
  }

  /** What the source holds from now on. */
  rows(rows) {
    const lines = rows.map(({ id, name, domain, amount, plan }) =>
      [id, name, domain, amount, plan].join(','),
    );
    const next = this.file('billing.csv.next');
    writeFileSync(next, ['id,name,domain,amount,plan', ...lines, ''].join('\n'));
    renameSync(next, this.file('billing.csv'));
  }

  config() {
    return readFileSync(this.file('config.yaml'), 'utf8');
  }

  /** Runs a verb to its end. */
  verb(...words) {
    return promisify(execFile)(program, [...words, '-c', this.file('config.yaml')], {
      env: this.environment,
    });
  }

  async status() {
    return (await fetch(`${this.admin}/api/status`)).json();
  }

  /** What Assembly holds. */
  async accounts() {
    return (await (await fetch(`${this.assembly}/_sandbox/accounts`)).json()).accounts;
  }

  /** The next calls that the fault concerns get its answer. */
  async assemblyFails(fault) {
    const answer = await fetch(`${this.assembly}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    assert.ok(answer.ok, await answer.text());
  }

  async until(condition, what) {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`never came: ${what}`);
  }

  async stop() {
    for (const child of this.children.reverse()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(words) {
    const child = spawn(program, words, {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    return child;
  }
}
