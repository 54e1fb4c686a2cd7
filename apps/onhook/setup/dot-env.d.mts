/** The environment, with what stands in `.env` below it. @throws SetupError if it cannot be read */
export function withDotEnv(root: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
