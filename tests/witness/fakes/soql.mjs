// Answers SOQL from tables in memory. The text is read by somebody else's parser, so that what the
// project sends is SOQL and not only something that this fake understands.
import {parseQuery} from '@jetstreamapp/soql-parser-js';

export class SoqlError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const field_of = (description, name) =>
  description.fields.find(field => field.name.toLowerCase() === name.toLowerCase());

/** The parser's chain of conditions as a tree; one level may not mix AND and OR, as in Salesforce. */
function tree_of(where) {
  const tokens = [];
  for (let at = where; at; at = at.right) {
    if (!at.left) continue;
    tokens.push(...Array(at.left.openParen ?? 0).fill('('), at.left);
    tokens.push(...Array(at.left.closeParen ?? 0).fill(')'));
    if (at.operator) tokens.push(at.operator);
  }
  const term = () => {
    if (tokens[0] !== '(') return tokens.shift();
    tokens.shift();
    const inner = level();
    if (tokens.shift() !== ')') throw new SoqlError('MALFORMED_QUERY', 'unbalanced');
    return inner;
  };
  const level = () => {
    const parts = [term()];
    let operator = null;
    while (tokens[0] === 'AND' || tokens[0] === 'OR') {
      const next = tokens.shift();
      if (operator && operator !== next) {
        throw new SoqlError('MALFORMED_QUERY', 'AND and OR on one level');
      }
      operator = next;
      parts.push(term());
    }
    return operator ? {operator, parts} : parts[0];
  };
  return level();
}

const unquoted = text => text.replace(/^'|'$/g, '').replaceAll("\\'", "'");

export class Soql {
  /** describe(name) -> description or undefined; rows(name) -> rows; hidden(object, field) */
  constructor({describe, rows, hidden}) {
    Object.assign(this, {describe, rows, hidden});
  }

  run(text, {all}) {
    let query;
    try {
      query = parseQuery(text);
    } catch (error) {
      throw new SoqlError('MALFORMED_QUERY', error.message);
    }
    const description = this.describe(query.sObject);
    if (!description) {
      throw new SoqlError('INVALID_TYPE', `sObject type '${query.sObject}' is not supported.`);
    }
    const columns = query.fields.map(field => this.column(description, field));
    const tree = query.where ? tree_of(query.where) : null;
    let rows = this.rows(description.name)
      .filter(row => all || !row.IsDeleted)
      .filter(row => !tree || this.holds(description, row, tree));
    if (query.groupBy) return {query, columns, rows: this.grouped(query, columns, rows)};
    for (const order of [...(query.orderBy ?? [])].reverse()) {
      const sign = order.order === 'DESC' ? -1 : 1;
      const value = row => this.comparable(description, order.field, row[order.field]);
      rows = [...rows].sort((a, b) =>
        value(a) < value(b) ? -sign : value(a) > value(b) ? sign : 0);
    }
    if (query.limit) rows = rows.slice(0, query.limit);
    return {query, columns, rows: rows.map(row => this.shown(description, columns, row))};
  }

  column(description, field) {
    if (field.type === 'FieldFunctionExpression') {
      this.need(description, field.parameters[0]);
      return {function: field.functionName, of: field.parameters[0], text: field.alias};
    }
    const path = [...(field.relationships ?? []), field.field];
    let at = description;
    for (const step of path.slice(0, -1)) {
      const by = at.fields.find(one => one.relationshipName === step);
      if (!by || this.hidden(at.name, by.name)) {
        throw new SoqlError('INVALID_FIELD',
          `\n${step}\nDidn't understand relationship '${step}' in field path.`);
      }
      at = this.describe(by.referenceTo[0]);
    }
    const last = this.need(at, path.at(-1));
    return {path: [...path.slice(0, -1), last.name], text: path.join('.'), type: last.type};
  }

  need(description, name) {
    const field = field_of(description, name);
    if (!field || this.hidden(description.name, field.name)) {
      throw new SoqlError('INVALID_FIELD',
        `\nSELECT ${name} FROM ${description.name}\n       ^\nERROR at Row:1:Column:8\n` +
        `No such column '${name}' on entity '${description.name}'. If you are attempting to use ` +
        'a custom field, be sure to append the \'__c\' after the custom field name.');
    }
    return field;
  }

  comparable(description, name, value) {
    if (value === null || value === undefined) return '';
    const field = this.need(description, name);
    return field.type === 'datetime' ? Date.parse(value) : value;
  }

  holds(description, row, node) {
    if (node.parts) {
      const test = part => this.holds(description, row, part);
      return node.operator === 'AND' ? node.parts.every(test) : node.parts.some(test);
    }
    const field = this.need(description, node.field);
    const literal = text => {
      const plain = unquoted(String(text));
      if (field.type === 'boolean') return plain.toLowerCase() === 'true';
      if (field.type === 'datetime') return Date.parse(plain);
      return /^-?[\d.]+$/.test(plain) && field.type !== 'id' && field.type !== 'reference'
        ? Number(plain) : plain;
    };
    const value = this.comparable(description, field.name, row[field.name]);
    switch (node.operator.toUpperCase()) {
      case 'IN': return node.value.map(literal).includes(value);
      case '=': return value === literal(node.value);
      case '!=': return value !== literal(node.value);
      case '>': return value > literal(node.value);
      case '>=': return value >= literal(node.value);
      case '<': return value < literal(node.value);
      case '<=': return value <= literal(node.value);
      case 'LIKE': {
        const parts = unquoted(node.value).split('%')
          .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
        return new RegExp(`^${parts.join('.*')}$`, 'i').test(String(value));
      }
      default: throw new SoqlError('MALFORMED_QUERY', `operator ${node.operator}`);
    }
  }

  shown(description, columns, row) {
    const out = {attributes: {
      type: description.name, url: `/services/data/v66.0/sobjects/${description.name}/${row.Id}`}};
    for (const column of columns) {
      let to = out, from = row, at = description;
      for (const step of column.path.slice(0, -1)) {
        const by = at.fields.find(field => field.relationshipName === step);
        at = this.describe(by.referenceTo[0]);
        from = from && this.rows(at.name).find(one => one.Id === from[by.name]);
        to[step] ??= from ? {attributes: {type: at.name}} : null;
        if (!from) break;
        to = to[step];
      }
      if (from) to[column.path.at(-1)] = from[column.path.at(-1)] ?? null;
    }
    return out;
  }

  grouped(query, columns, rows) {
    const groups = new Map();
    for (const row of rows) {
      const key = JSON.stringify(query.groupBy.map(group => row[group.field]));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return [...groups.values()].map(group => {
      const out = {attributes: {type: 'AggregateResult'}};
      for (const column of columns) {
        const values = group.map(row => row[column.of]).filter(value => value != null);
        if (column.function === 'SUM') {
          out[column.text] = values.length ? values.reduce((a, b) => a + b, 0) : null;
        } else if (column.function === 'MIN') {
          out[column.text] = values.length ? values.reduce((a, b) => (a < b ? a : b)) : null;
        } else {
          out[column.text] = group[0][column.text];
        }
      }
      return out;
    });
  }
}
