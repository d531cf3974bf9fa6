// Issue, and on request present, an SD-JWT VC (ES256) with @sd-jwt/sd-jwt-vc; see README.md.
import { digest, ES256, generateSalt } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { answer, publicPart } from "./stdio.mjs";

await answer(async ({ claims, disclosureFrame, header, jwk, holderJwk, reveal, kb }) => {
  const instance = new SDJwtVcInstance({
    hasher: digest,
    saltGenerator: generateSalt,
    signAlg: "ES256",
    signer: await ES256.getSigner(jwk),
    kbSignAlg: "ES256",
    kbSigner: holderJwk?.d ? await ES256.getSigner(holderJwk) : undefined,
  });
  const bound = holderJwk ? { ...claims, cnf: { jwk: publicPart(holderJwk) } } : claims;
  const token = await instance.issue(bound, disclosureFrame, { header });
  if (reveal === undefined && kb === undefined) return { token };
  const options = kb ? { kb: { payload: kb } } : undefined;
  return { token, presentation: await instance.present(token, reveal, options) };
});
