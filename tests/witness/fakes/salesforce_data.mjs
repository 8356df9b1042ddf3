// The objects of the fake Salesforce, and an org's worth of records.
const field = (name, type, more = {}) =>
  ({name, label: name.replace(/__c$/, '').replaceAll('_', ' '), type, filterable: true,
    referenceTo: [], relationshipName: null, picklistValues: [], ...more});
const reference = (name, relationshipName, to) =>
  field(name, 'reference', {relationshipName, referenceTo: [to]});
const picklist = (name, type, options) => field(name, type, {
  picklistValues: Object.entries(options)
    .map(([value, label]) => ({value, label, active: value !== 'Old'}))});
const audit = [
  field('Id', 'id'), field('IsDeleted', 'boolean'), field('CreatedDate', 'datetime'),
  field('LastModifiedDate', 'datetime'), field('SystemModstamp', 'datetime')];

const describe = (name, fields) =>
  ({name, label: name, queryable: true, replicateable: true, fields: [...audit, ...fields]});

export const descriptions = [
  describe('User', [field('Name', 'string'), field('Email', 'email'), field('IsActive', 'boolean')]),
  describe('Account', [
    reference('MasterRecordId', 'MasterRecord', 'Account'), field('Name', 'string'),
    field('Website', 'url'), reference('ParentId', 'Parent', 'Account'),
    reference('OwnerId', 'Owner', 'User'), field('AnnualRevenue', 'currency'),
    field('NumberOfEmployees', 'int'), field('Phone', 'phone'), field('BillingCity', 'string'),
    field('BillingAddress', 'address'), field('Description', 'textarea'),
    picklist('Type', 'picklist', {Customer: 'Customer', Prospect: 'Interested', Old: 'Old one'}),
    picklist('Segments__c', 'multipicklist', {a: 'Segment A', b: 'Segment B'}),
    field('Tier__c', 'string'), field('Score__c', 'double', {calculated: true}),
    field('Renewal__c', 'date')]),
  describe('Contact', [
    reference('MasterRecordId', 'MasterRecord', 'Contact'),
    reference('AccountId', 'Account', 'Account'), field('FirstName', 'string'),
    field('LastName', 'string'), field('Name', 'string'), field('Email', 'email'),
    field('Title', 'string'), reference('OwnerId', 'Owner', 'User')]),
  describe('Opportunity', [
    reference('AccountId', 'Account', 'Account'), field('Name', 'string'),
    field('Amount', 'currency'), field('CloseDate', 'date'), field('IsWon', 'boolean'),
    field('IsClosed', 'boolean'), picklist('Type', 'picklist', {Renewal: 'Renewal', New: 'New'})]),
];

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
/** 15 characters -> 18. */
export function long_id(id) {
  let out = id;
  for (let group = 0; group < 15; group += 5) {
    let bits = 0;
    for (let i = 0; i < 5; i++) if (/[A-Z]/.test(id[group + i])) bits |= 1 << i;
    out += capitals[bits];
  }
  return out;
}

/** `2026-01-01T10:00:00.000+0000`: whole seconds, as Salesforce writes them. */
export const stamp = ms =>
  `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000+0000`;

const text = (prefix, n) => long_id(prefix + String(n).padStart(12, '0'));
export const account_id = n => text('001', n);
export const contact_id = n => text('003', n);
export const opportunity_id = n => text('006', n);
export const user_id = n => text('005', n);

const audited = (id, ms) => ({Id: id, IsDeleted: false, CreatedDate: stamp(ms),
                              LastModifiedDate: stamp(ms), SystemModstamp: stamp(ms)});

/** `accounts` accounts, each with a contact; three in every one second. */
export function org({accounts = 25, begin = Date.UTC(2026, 0, 1, 10)} = {}) {
  const tables = {User: [], Account: [], Contact: [], Opportunity: []};
  for (let n = 1; n <= 2; n++) {
    tables.User.push({...audited(user_id(n), begin), Name: `Owner ${n}`,
                      Email: `owner${n}@acme.test`, IsActive: true});
  }
  for (let n = 1; n <= accounts; n++) {
    const ms = begin + Math.floor(n / 3) * 1000;
    tables.Account.push({
      ...audited(account_id(n), ms), MasterRecordId: null, Name: `Account ${n}, "Ltd"\nÓ`,
      Website: n % 4 === 0 ? null : `https://www.account${n}.test/about`, ParentId: null,
      OwnerId: n % 5 === 0 ? null : user_id(1 + (n % 2)), AnnualRevenue: n * 1000.25,
      NumberOfEmployees: n, Phone: null, BillingCity: 'Berlin', Description: null,
      Type: n % 2 ? 'Customer' : 'Prospect', Segments__c: n % 3 ? 'a;b' : null, Tier__c: 'gold',
      Score__c: n / 4, Renewal__c: '2026-12-31'});
    tables.Contact.push({
      ...audited(contact_id(n), ms), MasterRecordId: null, FirstName: n % 2 ? 'Jo' : null,
      AccountId: n % 7 === 0 ? null : account_id(n), LastName: `Doe ${n}`, Name: `Jo Doe ${n}`,
      Email: `jo${n}@account${n}.test`, Title: null, OwnerId: user_id(1)});
  }
  for (let n = 1; n <= Math.min(accounts, 10); n++) {
    tables.Opportunity.push({
      ...audited(opportunity_id(n), begin), AccountId: account_id(1 + (n % 3)), Name: `Deal ${n}`,
      Amount: n * 100.5, IsWon: n % 2 === 0,
      CloseDate: `${n % 5 ? 2099 : 2020}-0${1 + (n % 9)}-15`,  // some are overdue
      IsClosed: n % 2 === 0, Type: n % 3 ? 'Renewal' : 'New'});
  }
  return tables;
}
