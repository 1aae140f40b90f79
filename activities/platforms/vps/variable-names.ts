import type { VpsHost, VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { ReadCommand } from './commands.ts';
import type { OpenHost } from './ssh/on-host.ts';

/**
 * Prints only the names of the variables in the file, because values must not leave the host.
 * Arguments: file, sudo or "".
 */
const namesScript = `set -eu
LC_ALL=C; export LC_ALL
file=$1
sudo=''
if [ "$2" = sudo ] && ! [ -r "$file" ]; then sudo='sudo -n'; fi
$sudo sed -n 's/^[[:space:]]*\\(export[[:space:]][[:space:]]*\\)\\{0,1\\}\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\2/p' "$file"
`;

const command = (file: string, sudo: boolean): ReadCommand => ({
  step: 'names',
  script: namesScript,
  args: [file, sudo ? 'sudo' : ''],
  timeoutMs: 15_000,
});

/**
 * Returns the required variables that the host's environment file does not set, or null if the file
 * could not be read.
 */
export async function missingNames(
  openHost: OpenHost,
  { target, host, file }: { target: VpsTarget; host: VpsHost; file: string },
  signal: AbortSignal | undefined,
): Promise<string[] | null> {
  const session = await openHost(target, host, signal);
  try {
    const { code, stdout } = await session.run(command(file, target.sudo));
    if (code !== 0) return null;
    const set = new Set(stdout.split('\n'));
    return target.requiredVariables.filter((name) => !set.has(name));
  } finally {
    session.close();
  }
}
