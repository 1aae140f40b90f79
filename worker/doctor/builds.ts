import { absent, check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import type { Builder } from '../../activities/builds/builder.ts';
import { wordsOf } from '../../activities/builds/words-of.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';
import type { Config } from '../../domain/config/config.ts';
import { buildsOnWorker } from '../../domain/platforms/index.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { isolationWords, noBuilds } from '../../domain/messages/builds.ts';

/** Checks whether this machine can isolate builds. Returns one finding. */
export async function builds(
  config: Config,
  builder: Pick<Builder, 'isolation'>,
): Promise<Finding> {
  const environments = Object.values(config.projects).flatMap((project) =>
    Object.values(project.environments),
  );
  if (!environments.some(buildsOnWorker)) return absent('builds', noBuilds);
  return check('builds', async () => {
    const isolation = await builder.isolation();
    if (isolation.kind === 'missing') throw new UserError(isolation.why);
    const { memoryMb } = config.builds ?? defaultBuilds;
    return isolationWords(wordsOf(isolation, memoryMb));
  });
}
