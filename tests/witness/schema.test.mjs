// Other people's readers of the configuration's JSON Schema: ajv judges whole files by it, and
// yaml-language-server, which editors use, completes and underlines by it. The files it must accept
// are those that the program accepts itself.
//
// ASSEMBLY_SYNC is the path of the program.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import Ajv from 'ajv';
import { parse } from 'yaml';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SCHEMA_FILE = join(ROOT, 'docs', 'config.schema.json');
const MODELINE = '# yaml-language-server: $schema=docs/config.schema.json\n';

const read = (...path) => readFileSync(join(ROOT, ...path), 'utf8');

// --- ajv -----------------------------------------------------------------------------------------

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')), 'config');
const judge = ajv.getSchema('config');
const judgeIncluded = ajv.getSchema('config#/definitions/included');

/** What the program itself says: an empty list of problems when all is well. */
function problemsOf(folder, text) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  const env = { ...process.env, KEY: 'k', TOKEN: 't', ASSEMBLY_API_KEY: 'k', HUBSPOT_TOKEN: 't', CONSOLE_TOKEN: 'a-token-long-enough',
    HUBSPOT_CLIENT_SECRET: 's', PRODUCT_SECRET: 'whsec_c2VjcmV0LW9mLXRoZS1wcm9kdWN0', ASSEMBLY_URL: 'http://127.0.0.1:9',
    HUBSPOT_URL: 'http://127.0.0.1:9' };
  try {
    const out = execFileSync(process.env.ASSEMBLY_SYNC, ['check', '--json', '-c', file],
      { env, stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(out).problems;
  } catch (error) {
    return JSON.parse(error.stdout).problems;
  }
}

const errorsOf = (data, judgement = judge) => {
  judgement(data);
  return (judgement.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
};

let folder;
before(() => { folder = mkdtempSync(join(tmpdir(), 'schema-witness-')); });
after(() => rmSync(folder, { recursive: true, force: true }));

/** A smallest configuration, with further lines. */
const small = (...lines) => ['version: 1',
  'assembly: {base_url: https://a.test, api_key: "${env:KEY}"}', ...lines, ''].join('\n');
const withSource = (...lines) => small(
  'sources: {t: {type: csv, path: rows.csv, objects: {rows: {id: n}}}}', 'mappings:',
  '  - name: m', '    from: t.rows', ...lines.map((line) => `    ${line}`));

const GOOD = {
  'config.example.yaml': () => read('config.example.yaml'),
  'the demo\'s': () => /R"yaml\(([\s\S]*?)\)yaml"/.exec(read('daemon', 'cli', 'demo_world.cpp'))[1],
  'the smallest': () => small(),
  'blocks with nothing in them': () =>
    small('store:', 'listen:', 'labels: {colors: }', 'sources:', 'tables:', 'mappings:', 'tests:'),
  'references in ordinary settings': () =>
    small('store: {path: "${env:KEY}.db"}', 'labels: {description: "by ${env:KEY}"}'),
  'texts that YAML takes for numbers': () =>
    small('labels: {description: 5}', 'tables: {t: {1: 2, a: true}}'),
  'an entry in each form': () => withSource('to: company', 'key: n', 'fields:', '  name: "a"',
    '  domain: {expr: b, on_null: fail}', '  contract_type: {value: Year}', '  tags: {value: [a, 1]}',
    '  contract_value: 5', 'additional_properties: {A: {value: [1, true, x]}, B: {expr: c}}'),
  'a mapping that only enriches': () =>
    withSource('to: contact', 'match: {domain: mail}', 'more_keys: "[n, m]"'),
  'a contact by its company\'s domain': () => withSource('to: contact', 'key: n',
    'company: {domain: d}', 'fields: {name: a, domain: b}', 'on_delete: delete'),
  'a usage log about nobody': () => withSource('to: usage', 'about: none', 'event_id: n',
    'fields: {timestamp: t, type: {value: Action}, content: c, attribute: {value: A}}',
    'when: true', 'on_change: update', 'metadata: {A: a}'),
};

for (const [name, text] of Object.entries(GOOD)) {
  test(`ajv accepts what the program accepts: ${name}`, () => {
    assert.deepEqual(problemsOf(folder, text()), []);
    assert.deepEqual(errorsOf(parse(text())), []);
  });
}

test('ajv accepts an included file by the definition for it, and no main file', () => {
  const text = 'tables: {tiers: {gold: Gold}}\nmappings:\ntests: []\n';
  assert.deepEqual(errorsOf(parse(text), judgeIncluded), []);
  assert.notDeepEqual(errorsOf(parse(text)), []);
  assert.notDeepEqual(errorsOf(parse(small()), judgeIncluded), []);
});

/** The YAML blocks of a page that are parts of a configuration. */
function blocksOf(...page) {
  const keys = Object.keys(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')).properties);
  return [...read(...page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, text]) => (text.startsWith('  - ') ? `mappings:\n${text}` : text))
    .map((text) => ({ text, data: parse(text) }))
    .filter(({ data }) => data !== null && Object.keys(data).every((key) => keys.includes(key)));
}

for (const page of [['docs', 'mapping-language.md'], ['docs', 'configuration.md'],
  ['docs', 'connectors', 'hubspot.md'], ['docs', 'connectors', 'webhook.md']]) {
  test(`ajv accepts what ${page.at(-1)} shows`, () => {
    const blocks = blocksOf(...page);
    assert.ok(blocks.length > 0);
    for (const { text, data } of blocks) {
      assert.deepEqual(errorsOf({ ...parse(small()), ...data }), [], text);
    }
  });
}

/** The rows of the table of broken configurations that a schema can tell. */
const BAD = {
  'syntax_and_settings.txt': ['a misspelt section', 'a misspelt key in a section',
    'a list where a map belongs', 'a version to come', 'no version', 'no address of Assembly',
    'an address without https', 'a key in clear text', 'a word before a reference',
    'a number in quotes', 'a number beyond what is allowed', 'half a worker', 'a port without its host',
    'yes for true', 'a colour that YAML takes for a remark', 'a colour for a label that there is not'],
  'sources_and_tables.txt': ['an unknown type of source', 'no type', 'a name with a capital letter',
    'a token in clear text', 'no secret for webhooks', 'asked too often', 'objects as a list',
    'an unknown way to verify', 'a secret of webhooks in clear text', 'one secret that is no list',
    'a table without entries', 'a table within a table'],
  'mappings.txt': ['a mapping without its name', 'mappings as a map', 'a source without its object',
    'a target by another word', 'no key', 'a misspelt key of a mapping',
    'a contact without its company', 'a company\'s attribute in a customer',
    'a person\'s attribute in a company', 'a company in a usage log',
    'a word that Assembly does not know', 'a number as a text', 'on_null by another word',
    'a list as expression', 'a test that expects what there is not'],
};
const LINES = {
  '@head': 'version: 1\nassembly: {base_url: https://a.test, api_key: "${env:KEY}"}',
  '@crm': 'listen: {public_url: https://p.test}\nsources: {crm: {type: hubspot, access_token: '
    + '"${env:TOKEN}", client_secret: "${env:KEY}"}}',
  '@companies': 'mappings:\n  - name: companies\n    from: crm.companies\n    to: company',
};

function rowsOf(file) {
  const rows = new Map();
  for (const row of read('tests', 'data', 'broken_configs', file).split(/^=== /m).slice(1)) {
    const end = row.indexOf('\n');
    const text = row.slice(end + 1).split('>>>\n')[0];
    rows.set(row.slice(0, end), text.split('\n').map((line) => LINES[line] ?? line).join('\n'));
  }
  return rows;
}

for (const [file, names] of Object.entries(BAD)) {
  const rows = rowsOf(file);
  for (const name of names) {
    test(`ajv rejects ${name}`, () => {
      assert.notEqual(rows.get(name), undefined, `${file} has no such row`);
      assert.notDeepEqual(errorsOf(parse(rows.get(name))), []);
    });
  }
}

test('the program prints the schema that is stored', () => {
  const printed = execFileSync(process.env.ASSEMBLY_SYNC, ['check', '--schema'], { encoding: 'utf8' });
  assert.equal(printed, readFileSync(SCHEMA_FILE, 'utf8'));
});

// --- yaml-language-server ------------------------------------------------------------------------

/** As little of a language client as it takes, over the server's standard input and output. */
class Editor {
  #server = spawn(process.execPath, [
    join(ROOT, 'tests', 'witness', 'node_modules', 'yaml-language-server', 'bin',
      'yaml-language-server'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  #input = Buffer.alloc(0);
  #answers = new Map();
  #diagnostics = new Map();
  #next = 1;

  constructor() {
    this.#server.stdout.on('data', (chunk) => {
      this.#input = Buffer.concat([this.#input, chunk]);
      this.#take();
    });
  }

  #take() {
    for (;;) {
      const head = this.#input.indexOf('\r\n\r\n');
      if (head < 0) return;
      const size = Number(/Content-Length: (\d+)/i.exec(this.#input.subarray(0, head).toString())[1]);
      if (this.#input.length < head + 4 + size) return;
      const message = JSON.parse(this.#input.subarray(head + 4, head + 4 + size).toString());
      this.#input = this.#input.subarray(head + 4 + size);
      this.#handle(message);
    }
  }

  #handle(message) {
    if (message.method === 'textDocument/publishDiagnostics') {
      this.#diagnostics.get(message.params.uri)?.(message.params.diagnostics);
    } else if (message.method === 'workspace/configuration') {
      const settings = { validate: true, completion: true, hover: true,
        schemaStore: { enable: false } };
      this.#send({ id: message.id,
        result: message.params.items.map((item) => (item.section === 'yaml' ? settings : {})) });
    } else if (message.method !== undefined && message.id !== undefined) {
      this.#send({ id: message.id, result: null });
    } else if (message.id !== undefined) {
      const { resolve, reject } = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#server.stdin.write(body);
  }

  ask(method, params) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  tell(method, params) { this.#send({ method, params }); }

  async start(root) {
    await this.ask('initialize', { processId: process.pid, rootUri: pathToFileURL(root).href,
      capabilities: { workspace: { configuration: true }, textDocument: {
        completion: { completionItem: { documentationFormat: ['markdown'] } } } } });
    this.tell('initialized', {});
  }

  /** Opens a file with `text` and gives what is underlined in it. */
  open(file, text) {
    writeFileSync(file, text);
    const uri = pathToFileURL(file).href;
    return new Promise((resolve) => {
      this.#diagnostics.set(uri, resolve);
      this.tell('textDocument/didOpen',
        { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    });
  }

  /** The words offered at the mark `^` of `text`, which is opened without it. */
  async complete(file, marked) {
    const at = marked.indexOf('^');
    const text = marked.slice(0, at) + marked.slice(at + 1);
    await this.open(file, text);
    const before = marked.slice(0, at).split('\n');
    const found = await this.ask('textDocument/completion', {
      textDocument: { uri: pathToFileURL(file).href },
      position: { line: before.length - 1, character: before.at(-1).length } });
    return (found.items ?? found).map((item) => item.label);
  }

  async stop() {
    await this.ask('shutdown', null);
    this.tell('exit', null);
    await new Promise((resolve) => { this.#server.once('exit', resolve); });
  }
}

test('yaml-language-server', async (t) => {
  mkdirSync(join(folder, 'docs'));
  cpSync(SCHEMA_FILE, join(folder, 'docs', 'config.schema.json'));
  const editor = new Editor();
  await editor.start(folder);
  let files = 0;
  const file = () => join(folder, `file${files++}.yaml`);
  const complete = (text) => editor.complete(file(), MODELINE + text);
  const underlined = async (text) => (await editor.open(file(), text))
    .map((d) => `${d.range.start.line + 1}:${d.range.start.character + 1}: ${d.message}`);
  const inMapping = (...lines) => withSource('to: company', 'key: n', ...lines).trimEnd();

  await t.test('underlines nothing in config.example.yaml, which names its schema', async () => {
    assert.ok(read('config.example.yaml').startsWith(MODELINE));
    assert.deepEqual(await underlined(read('config.example.yaml')), []);
  });
  await t.test('underlines an unknown key', async () => {
    const found = await underlined(MODELINE + small('lables: {create: true}'));
    assert.deepEqual(found, ['4:1: Property lables is not allowed.']);
  });
  await t.test('underlines an attribute that the target does not have', async () => {
    const found = await underlined(`${MODELINE}${inMapping(
      'fields: {name: a, domain: b, role: c}')}\n`);
    assert.deepEqual(found, ['10:34: Property role is not allowed.']);
  });
  await t.test('underlines a word that is none of those there are', async () => {
    const [found] = await underlined(`${MODELINE}${inMapping('fields: {name: a, domain: b}',
      'on_delete: remove')}\n`);
    assert.match(found, /^11:16: Value is not accepted\. Valid values: "ignore", "tag", "delete"/);
  });
  await t.test('completes top level keys', async () => {
    const words = await complete(small('^'));
    for (const word of ['sources', 'mappings', 'labels', 'include', 'tests']) {
      assert.ok(words.includes(word), `${word} in ${words}`);
    }
    assert.ok(!words.includes('version'), 'what is there already is not offered again');
  });
  await t.test('completes the keys of a source of its type', async () => {
    const words = await complete(small('sources:', '  crm:', '    type: hubspot', '    ^'));
    assert.ok(words.includes('access_token') && words.includes('poll_seconds'), words);
    assert.ok(!words.includes('path'), words);
  });
  await t.test('completes the attributes of the target', async () => {
    const words = await complete(inMapping('fields:', '  name: a', '  ^'));
    assert.ok(words.includes('number_of_seats') && words.includes('tier'), words);
    assert.ok(!words.includes('role'), words);
  });
  await t.test('completes the words of a key', async () => {
    const words = await complete(inMapping('fields: {name: a, domain: b}', 'on_delete: ^'));
    assert.deepEqual(words.sort(), ['delete', 'ignore', 'tag']);
  });
  await t.test('judges an included file by the definition for it', async () => {
    const line = '# yaml-language-server: $schema=docs/config.schema.json#/definitions/included\n';
    assert.deepEqual(await underlined(`${line}tables: {tiers: {gold: Gold}}\n`), []);
    assert.deepEqual(await underlined(`${line}tabels: {}\n`), ['2:1: Property tabels is not allowed.']);
  });
  await editor.stop();
});
