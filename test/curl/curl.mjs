#!/usr/bin/env node
// Stands in for curl on a machine that has none: the few options that our README uses.
const args = process.argv.slice(2);
const headers = {};
let method;
let body;
let url;
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '-sS') continue;
  else if (arg === '-X') method = args.shift();
  else if (arg === '-d') body = args.shift();
  else if (arg === '-H') {
    const [name, ...value] = args.shift().split(':');
    headers[name] = value.join(':').trim();
  } else if (arg.startsWith('-')) throw new Error(`this stand-in for curl does not know ${arg}`);
  else url = arg;
}
const response = await fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body });
process.stdout.write(await response.text());
