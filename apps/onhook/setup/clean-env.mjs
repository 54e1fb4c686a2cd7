// What npm passes to a script decides what a second npm installs. Only what tells it *where* to find packages may pass.
const WHERE =
  /^npm_config_(registry|cache|proxy|https?_proxy|noproxy|ca|cafile|cert|key|strict_ssl|userconfig|globalconfig|prefer_offline|fetch_.*|@.*|\/\/.*)$/i;

/** The environment without npm's own words, `NODE_ENV` and what a test runner or debugger would slip into every Node. */
export function cleanEnv(env = process.env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => {
      if (/^npm_/i.test(name)) return WHERE.test(name);
      return !['NODE_ENV', 'INIT_CWD', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'].includes(name);
    }),
  );
}
