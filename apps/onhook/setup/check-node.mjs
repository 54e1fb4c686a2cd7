// The first thing that runs. Plain enough for a Node that is far too old to say so.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Onhook needs Node 20.19 or newer; this is ${process.version}. Get one from https://nodejs.org, or type: nvm install 24\n`,
  );
  process.exit(1);
}
