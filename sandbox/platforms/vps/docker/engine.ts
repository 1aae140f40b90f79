import type { Journal } from '../journal.ts';
import { createContainer, type Container, type ContainerFile } from './container.ts';
import { createImages } from './images.ts';

/** The working directory and environment variables of the command that calls docker. */
export type Caller = { cwd: string; env: Record<string, string | undefined> };
export type Engine = ReturnType<typeof createEngine>;

export type EngineOptions = {
  /** The directory of the images. */
  store: string;
  /** The environment variables of every process of this host. */
  env: Record<string, string>;
  /** More environment variables for every container, such as the published port. */
  environment: Record<string, string>;
  journal: Journal;
};

/** Creates the docker engine of one host, with its containers and images. */
export function createEngine({ store, env, environment, journal }: EngineOptions) {
  const containers: Container[] = [];
  const images = createImages(
    store,
    (id) => containers.find(({ file }) => file.image.id === id)?.id,
  );
  return {
    containers: containers as readonly Container[],
    images,
    journal,
    env,
    create(file: ContainerFile): Container {
      const given = { ...file, environment: { ...environment, ...file.environment } };
      const container = createContainer(given, env, journal);
      containers.unshift(container);
      return container;
    },
    async remove(container: Container) {
      await container.unit.stop();
      containers.splice(containers.indexOf(container), 1);
    },
    find: (name: string) =>
      containers.find(
        ({ id, file }) => file.name === name || (name.length >= 12 && id.startsWith(name)),
      ),
    labelled: (labels: Record<string, string>) =>
      containers.filter(({ file }) =>
        Object.entries(labels).every(([key, value]) => file.labels[key] === value),
      ),
    async destroy() {
      for (const { unit } of containers) await unit.destroy();
    },
  };
}
