"""What a site decides: settings, centres, layouts, translations. Almost everything here is data."""
