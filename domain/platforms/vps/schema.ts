import { addressHint, addressPattern } from './address.ts';
import { hostValues } from './host-values.ts';
import type { SchemaKit } from '../platform.ts';
import type { z } from '../../config/kit.ts';

/** Hosts over ssh that run one systemd unit, one container or one compose service. */
export function schema({ z, AbsolutePath, Fingerprint, HttpUrl, UrlPath, common }: SchemaKit) {
  /** An address that is requested on the host itself. */
  const OnHost = HttpUrl.refine((url) => hostValues.url.test(url), {
    error: 'use an address without spaces, quotes, "$" or one of (){}<>|^',
    when: ({ issues }) => issues.length === 0,
  });

  const VpsHost = z.strictObject({
    /** `host` may be an alias of ~/.ssh/config on the worker's machine. */
    address: z.string().regex(addressPattern, addressHint),
    /** Fingerprint of a key of the host, or of the key that signed the certificate of the host. */
    hostKey: Fingerprint,
    /**
     * Health address of this host, as seen from outside. The smoke paths are probed on the same
     * origin.
     */
    url: HttpUrl,
    /** `directory` and `health` are set only if this host differs from the environment. */
    directory: AbsolutePath.optional(),
    health: OnHost.optional(),
  });

  /**
   * A service of a compose file. The tag of the service's image must be a variable, such as
   * `example/shop:${IMAGE_TAG}`.
   */
  const Compose = z.strictObject({
    service: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'use the name of a service in the compose file'),
    /**
     * Several files are separated by ":", as in COMPOSE_FILE. A later file overrides an earlier
     * file.
     */
    file: z
      .string()
      .regex(hostValues.file, 'use a path below the repository')
      .default('compose.yaml'),
    /** Project name for `docker compose -p`; absent = the name of the environment's directory. */
    project: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]*$/, 'use lower case letters, digits, "_" or "-"')
      .optional(),
    tag: z.string().regex(hostValues.variable, 'use the name of a variable').default('IMAGE_TAG'),
  });

  return z.strictObject({
    platform: z.literal('vps'),
    hosts: z.array(VpsHost).min(1),
    /** Path of the private key on the worker's machine; absent = the ssh agent. */
    identity: z.string().optional(),
    directory: AbsolutePath,
    /** Exactly one of `service`, `container` and `compose` must be set. */
    service: z.string().regex(hostValues.unit, 'use a systemd unit name').optional(),
    container: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'use the name of a container')
      .optional(),
    compose: Compose.optional(),
    /** in-place: the directory itself is a git checkout, and the commit is checked out there. */
    checkout: z.enum(['releases', 'in-place']).default('releases'),
    /** The platform gate closes if fewer megabytes are free on the disk of the directory. */
    minimumFreeMb: z.number().int().min(0).optional(),
    sudo: z.boolean().default(true),
    /** Command that runs in the release's directory before the release goes live. */
    prepare: z.string().optional(),
    prepareMinutes: z.number().int().min(1).max(60).default(10),
    /** Health address, requested on the host itself. */
    health: OnHost,
    /** A path on `url` whose body contains the served commit. */
    version: UrlPath.optional(),
    /** A path on `url` that answers JSON {"at": ISO time}. The time must be younger than 30 s. */
    heartbeat: UrlPath.optional(),
    environmentFile: AbsolutePath.optional(),
    ...common,
  });
}

export type VpsEnvironment = z.output<ReturnType<typeof schema>>;
