/** The watch page's script for a video at Cloudinary. */

import { cloudinaryPlayer } from "./players/cloudinary.ts";
import { watchPage } from "./watch-page.ts";

watchPage(cloudinaryPlayer);
