import { z } from 'zod';
import { AbsolutePath } from './words.ts';

const HostAndPort = z
  .string()
  .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'use host:port, such as npm.example.com:443');

/** How the worker runs code of a commit: build commands, installs and bundlers. */
export const Builds = z.strictObject({
  /** Absent: bubblewrap if it works on the worker's machine, else a container. */
  isolation: z.enum(['bubblewrap', 'container', 'builder', 'none']).optional(),
  /** For `isolation: builder`: the directory that the worker shares with the builder. */
  directory: AbsolutePath.optional(),
  /** The image for `isolation: container`. It must contain node and npm. */
  image: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/, 'use an image, such as node:24-slim')
    .optional(),
  /**
   * The memory limit of one build, in MB. 1024 is the smallest value, because Node alone reserves
   * half of it.
   */
  memoryMb: z.number().int().min(1024).max(1_048_576).default(4096),
  /** Hosts with a private address that a build may reach, such as a private registry. */
  hosts: z.array(HostAndPort).max(20).default([]),
  /** Further directories that a build may read, such as the directory of a tool. */
  paths: z.array(AbsolutePath).max(20).default([]),
});
export type Builds = z.infer<typeof Builds>;

export const defaultBuilds: Builds = { memoryMb: 4096, hosts: [], paths: [] };
