import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { transient } from '../../lib/fail.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import { withoutLfs } from '../left-out.ts';
import type { ReadCommand } from './commands.ts';
import type { OpenHost } from './ssh/on-host.ts';

const command: ReadCommand = {
  step: 'tools',
  script: 'if command -v git-lfs >/dev/null; then echo lfs=yes; else echo lfs=no; fi\n',
  args: [],
  timeoutMs: 15_000,
};

/**
 * If the commit has files in Git LFS, returns a problem for each host without git-lfs. Submodules
 * need no check, because git on the host fetches them, and the step `stage` fails if a
 * submodule is missing. Throws a transient failure if a host does not answer.
 */
export async function withoutLfsTool(openHost: OpenHost, target: VpsTarget, files: string[]) {
  if (files.length === 0) return [];
  const problems = await Promise.all(
    target.hosts.map(async (host) => {
      if (await hasLfs(openHost, target, host)) return [];
      const remedy = 'Install it on the host, then deploy again: sudo apt-get install git-lfs';
      return withoutLfs(host.name, files, { why: 'this host has no git-lfs', remedy });
    }),
  );
  return problems.flat();
}

async function hasLfs(openHost: OpenHost, target: VpsTarget, host: VpsHost): Promise<boolean> {
  const session = await openHost(target, host, cancellation());
  try {
    const { code, stdout, stderr } = await session.run(command);
    const answer = /^lfs=(yes|no)$/m.exec(stdout)?.[1];
    if (code !== 0 || answer === undefined)
      throw transient(`${host.name}: it is unknown whether git-lfs is installed: ${stderr.trim()}`);
    return answer === 'yes';
  } finally {
    session.close();
  }
}
