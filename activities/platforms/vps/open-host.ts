import { openSsh } from '../../ssh.ts';
import type { OpenHost } from '../../watch/on-host.ts';

/**
 * One ssh connection for the watch; a script that ran answers its code, a lost connection throws
 * transient.
 */
export const openHost: OpenHost = async (target, host, signal) => {
  const remote = await openSsh(host, target, { signal });
  return {
    run: ({ step, script, args, timeoutMs }) => remote.run(script, args, { step, timeoutMs }),
    close: () => remote.close(),
  };
};
