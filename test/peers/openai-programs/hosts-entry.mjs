// Options of `ws` that stand in for a line in the hosts file: `api.openai.com` is the simulator. Nothing else of the client changes.
export const hostsEntry = {
  lookup: (_name, { all }, done) => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)),
};
export const baseURL = `https://api.openai.com:${process.env.TLS_PORT}/v1`;
