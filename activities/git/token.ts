import type { Config } from '../../domain/schema.ts';
import type { Token } from './mirror.ts';

type Deps = { config: Pick<Config, 'github'>; secret: (ref: string) => string };

const isLoopback = (host: string) => host === 'localhost' || /^127\.|^\[::1\]$/.test(host);

/** GitHub's token goes to repositories at that GitHub, encrypted or on this machine, and nowhere else. */
export const gitToken =
  ({ config: { github }, secret }: Deps): Token =>
  (repository) => {
    if (!github || !/^https?:/.test(repository)) return undefined;
    const { hostname, protocol } = new URL(repository);
    const api = new URL(github.api).hostname;
    const same = hostname === api || `api.${hostname}` === api;
    const safe = protocol === 'https:' || isLoopback(hostname);
    return same && safe ? secret(github.token) : undefined;
  };
