# The mapping of tests/bench/mapping.cpp as a jq filter, without regular expressions where it can be.
def parts: split(";") | map(ltrimstr(" ") | rtrimstr(" "));
def trim: sub("^\\s+"; "") | sub("\\s+$"; "");
def domain_of: ltrimstr("https://") | ltrimstr("http://") | ltrimstr("www.")
  | split("/")[0] | split("?")[0] | split("#")[0] | ascii_downcase;
def seconds: tonumber / 1000 | floor;
select(.archived | not)
| .properties as $p
| {
    mapping: "companies",
    to: "company",
    key: "hubspot-company-\(.id)",
    fields: ({
      name: ($p.name | trim),
      domain: (if $p.domain == "" then $p.website else $p.domain end | domain_of),
      image_url: $p.hs_logo_url,
      phone: ($p.phone | parts),
      contract_value: ($p.annualrevenue | tonumber),
      contract_type: "Year",
      renewal_date: ($p.renewal_date | seconds | todate | .[0:10]),
      trial_expiration_date: ($p.trial_end | .[0:10]),
      tier: {gold: "Gold", silver: "Silver", bronze: "Bronze"}[$p.tier],
      stage: {customer: "Customer", opportunity: "Opportunity", lead: "Lead", evangelist: "Evangelist"}[$p.lifecyclestage],
      notes: ($p.description | .[0:200]),
      id_in_tool: .id,
      company_type: ($p.type | ascii_downcase),
      number_of_seats: ($p.numberofemployees | tonumber | floor)
    } | with_entries(select(.value != null))),
    tags: ($p.segments | parts),
    additional_properties: {
      Industry: ($p.industry | ascii_downcase | split("_") | join(" ")),
      Country: ($p.country | ascii_upcase),
      Address: "\($p.address), \($p.zip) \($p.city)",
      Website: $p.website,
      Owner: $p.hubspot_owner_id,
      Created: $p.createdate,
      "Last activity": ($p.notes_last_updated | seconds | todate),
      "Open deals": ($p.num_open_deals | tonumber | floor),
      Contacts: (.associations.contacts.results | map(.id)),
      LinkedIn: $p.linkedin_company_page
    }
  }
