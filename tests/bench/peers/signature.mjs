// HubSpot's signature v3, as a receiver checks it: HMAC-SHA-256 over method, URL, body and time.
import { createHmac, timingSafeEqual } from 'node:crypto';

const kMaximumAgeMs = 5 * 60 * 1000;
const secret = process.env.CLIENT_SECRET;
const publicUrl = process.env.PUBLIC_URL;

/** @param {string} method @param {string} url @param {object} headers @param {Buffer} body */
export function isSigned(method, url, headers, body) {
  const given = headers['x-hubspot-signature-v3'];
  const time = headers['x-hubspot-request-timestamp'];
  if (given === undefined || Math.abs(Date.now() - Number(time)) > kMaximumAgeMs) return false;
  const wanted = createHmac('sha256', secret)
    .update(method + publicUrl + url)
    .update(body)
    .update(time)
    .digest();
  const bytes = Buffer.from(given, 'base64');
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}
