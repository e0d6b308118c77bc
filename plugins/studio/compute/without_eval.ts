/**
 * Has zod check options without making functions of texts, which the page's content security policy refuses. Imported before any schema is
 * made.
 *
 * @module
 */
import * as z from "zod";

z.config({ jitless: true });
