/** What came of the call in hand, as far as this page knows: said once it was given, until the next call. */

import { ref } from "vue";

export const given = ref<{ callId: string | null; words: string }>({ callId: null, words: "" });
