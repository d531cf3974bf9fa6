// Verify an SD-JWT VC (ES256) with @sd-jwt/sd-jwt-vc; see README.md for request and answer.
import { createHash } from "node:crypto";
import { digest, ES256 } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { answer, publicPart } from "./stdio.mjs";

/** Subresource Integrity over the exact text: the package leaves this to a fetcher of one's own. */
function requireIntegrity(text, integrity) {
  const actual = `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
  if (integrity !== undefined && integrity !== actual) {
    throw new Error(`vct#integrity is ${integrity}, but the metadata has ${actual}`);
  }
}

await answer(async ({ token, jwk, statusListToken, statusJwk, vctMetadata, at, kb }) => {
  // Without a nonce the package would not look at the key binding at all.
  if (kb !== undefined && !kb.nonce) throw new Error("kb needs a nonce");
  let status = null;
  const instance = new SDJwtVcInstance({
    hasher: digest,
    verifier: await ES256.getVerifier(publicPart(jwk)),
    statusVerifier: await ES256.getVerifier(publicPart(statusJwk ?? jwk)),
    statusListFetcher: async (uri) => {
      if (statusListToken === undefined) throw new Error(`no status list at hand for ${uri}`);
      return statusListToken;
    },
    statusValidator: async (value) => {
      status = value;
      if (value !== 0) throw new Error(`status is ${value}`);
    },
    loadTypeMetadataFormat: vctMetadata !== undefined,
    vctFetcher: async (_vct, integrity) => {
      requireIntegrity(vctMetadata, integrity);
      return JSON.parse(vctMetadata);
    },
    kbVerifier: async (data, signature, payload) => {
      if (!payload.cnf?.jwk) throw new Error("the credential names no holder key");
      return (await ES256.getVerifier(publicPart(payload.cnf.jwk)))(data, signature);
    },
  });
  const result = await instance.verify(token, { currentDate: at, keyBindingNonce: kb?.nonce });
  // The package checks the key binding's nonce and sd_hash, but not for whom it was made.
  if (kb?.aud !== undefined && result.kb.payload.aud !== kb.aud) {
    throw new Error(`the key binding is for ${result.kb.payload.aud}`);
  }
  const { header, payload, typeMetadata } = result;
  return { header, payload, status, kb: result.kb, typeMetadata: typeMetadata?.mergedTypeMetadata };
});
