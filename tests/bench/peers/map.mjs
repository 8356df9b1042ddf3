// The mapping of tests/bench/mapping.cpp by hand: what a developer writes who needs it once.
import { readFileSync, writeFileSync } from 'node:fs';

const [input, output, passes] = process.argv.slice(2);
const stages = { customer: 'Customer', opportunity: 'Opportunity', lead: 'Lead', evangelist: 'Evangelist' };
const tiers = { gold: 'Gold', silver: 'Silver', bronze: 'Bronze' };

const split = (text) => text.split(';').map((part) => part.trim());
const domainOf = (text) => text.replace(/^https?:\/\//, '').replace(/^www\./, '').split(/[/?#]/)[0].toLowerCase();
const day = (value) => new Date(/^\d+$/.test(value) ? Number(value) : value).toISOString().slice(0, 10);
const moment = (value) => new Date(Number(value)).toISOString().replace('.000Z', 'Z');

function map(record) {
  const p = record.properties;
  const fields = {
    name: p.name.trim(),
    domain: domainOf(p.domain || p.website),
    image_url: p.hs_logo_url,
    phone: split(p.phone),
    contract_value: Number(p.annualrevenue),
    contract_type: 'Year',
    renewal_date: day(p.renewal_date),
    trial_expiration_date: day(p.trial_end),
    stage: stages[p.lifecyclestage],
    notes: p.description.slice(0, 200),
    id_in_tool: record.id,
    company_type: p.type.toLowerCase(),
    number_of_seats: parseInt(p.numberofemployees, 10),
  };
  if (tiers[p.tier]) fields.tier = tiers[p.tier];
  return {
    mapping: 'companies',
    to: 'company',
    key: `hubspot-company-${record.id}`,
    fields,
    tags: split(p.segments),
    additional_properties: {
      Industry: p.industry.toLowerCase().replaceAll('_', ' '),
      Country: p.country.toUpperCase(),
      Address: `${p.address}, ${p.zip} ${p.city}`,
      Website: p.website,
      Owner: p.hubspot_owner_id,
      Created: p.createdate,
      'Last activity': moment(p.notes_last_updated),
      'Open deals': parseInt(p.num_open_deals, 10),
      Contacts: record.associations.contacts.results.map((contact) => contact.id),
      LinkedIn: p.linkedin_company_page,
    },
  };
}

const lines = readFileSync(input, 'utf8').trimEnd().split('\n');
for (let pass = 0; pass < Number(passes); ++pass) {
  const out = [];
  for (const line of lines) {
    const record = JSON.parse(line);
    if (!record.archived) out.push(JSON.stringify(map(record)));
  }
  writeFileSync(output, `${out.join('\n')}\n`);
}
