//! Hashtag recommendation for thousands of communities, each with its own closed set of hashtags
