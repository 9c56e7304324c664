/** The watch page's script for a video at Kollus. */

import { kollus } from "./players/kollus.ts";
import { watchPage } from "./watch-page.ts";

watchPage(kollus);
