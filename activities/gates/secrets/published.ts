import { platformNames, platforms } from '../../../domain/platforms/index.ts';

/** Fingerprints of keys that standards and widely used packages publish as examples. */
const published: Record<string, string[]> = {
  'ssh2, in its tests': [
    '02e6ff13341c3c0c 0e72726f8347c621 13dca2723b546ccd 18287be6f02e0847 1c305773d2f5a0d1',
    '1e9296677a09e444 21f43af1b6304db8 2c20140ce9299bbc 3643791ae517cb3a 39b0f0eb8d3569af',
    '3d8fe5f3dacd1174 4388fb059c9d44a5 44665c083f3d2628 44d91bbb35b5c61d 4f0b111521342e73',
    '52cd59a9f7fc02f4 5ab2dd3fac36b929 5fbdf62f2ec7f21d 6640b5081a4a0930 6b70e38af4b9d0dc',
    '73d886f93da2913b 7553f0994f2207a6 806a893007a9a1a6 8887bbd7ee746880 89f57058e12453e6',
    '9886f6949a27e1c9 9e86fc3eac96efbd 9fbbf1a596a64bd8 b07c5c88cf705903 b93b912ce83d6544',
    'b9b20765fedf91ee bac686d349dfd4d5 bf3ad861379b5f0a c06aa9f9318358a1 c11d93386483ccbd',
    'c14757afc1bae928 c5408e2e3b257106 ca0c9489ca844df3 ca679df70c1268ab cfd557498f812302',
    'd3bd46c39bfc83ab d65398c8f871d484 dd369dde2aa2c20d e018f43c74635bdc e0eebb30d0121236',
    'e111d1f525fbcc1a e2a9dfc1ad94dc38 e451d743c2b5a63b f9fc66a4f573885f faff5b143c5664a4',
  ],
  'RFC 6749, 6750, 7009, 7617, 7628': [
    'cf4d418ed3de92d7 ca7459e2b26776de 6c96130f130ab0d6 00cf4c781dc37003 b8e148545b13c78b',
    'd8467a36fb39799e 53f5da0aaa93d64c e9974c507d2a8021',
  ],
  'Azurite and the emulator of Cosmos DB': ['0011cc25eb432071 aa6547439583c3a2'],
};

const all = [published, ...platformNames.map((name) => platforms[name].keys.published)];
const known = new Set(
  all.flatMap((one) => Object.values(one)).flatMap((lines) => lines.join(' ').split(' ')),
);

export const isPublished = (fingerprint: string) => known.has(fingerprint);
