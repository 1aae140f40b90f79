import { randomBytes } from 'node:crypto';
import type { Journal } from '../journal.ts';
import { Unit } from '../unit.ts';

export type ContainerFile = {
  name: string;
  image: { name: string; id: string };
  command: string[];
  /**
   * The directory of the process. It is a bind mount or the image. Symlinks are resolved at every
   * start.
   */
  directory: string;
  mounts: string[];
  labels: Record<string, string>;
  environment: Record<string, string>;
};
export type Container = ReturnType<typeof createContainer>;

const words = {
  active: 'running',
  activating: 'restarting',
  deactivating: 'running',
  inactive: 'exited',
  failed: 'exited',
} as const;

/**
 * Creates a container. It is a real process that the docker commands of this stand-in show as a
 * container. The process is started again whenever it ends, as with `--restart unless-stopped`.
 */
export function createContainer(
  file: ContainerFile,
  base: Record<string, string>,
  journal: Journal,
) {
  const id = randomBytes(32).toString('hex');
  const { command: execStart, directory: workingDirectory, environment } = file;
  const startLimitBurst = Infinity;
  const unit = new Unit(
    { unit: `docker-${id}.scope`, execStart, workingDirectory, environment, startLimitBurst },
    base,
    journal,
  );
  return {
    id,
    file,
    unit,
    /** Returns the object that `docker inspect` shows. */
    inspect() {
      const { ActiveState, MainPID, ExecMainStatus, NRestarts } = unit.state;
      const started = unit.lastStart;
      return {
        Id: id,
        Name: `/${file.name}`,
        Image: file.image.id,
        RestartCount: NRestarts,
        Config: { Image: file.image.name, Labels: file.labels },
        Mounts: file.mounts.map((Source) => ({ Type: 'bind', Source, Destination: '/app' })),
        State: {
          Status: started === null ? 'created' : words[ActiveState],
          Running: ActiveState === 'active',
          Pid: MainPID,
          ExitCode: ExecMainStatus,
          OOMKilled: false,
          StartedAt: started ?? '0001-01-01T00:00:00Z',
        },
      };
    },
  };
}
