using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Conformance;

/// <summary>Where features meet.</summary>
public static class Corners
{
    static async Task<Container> Hierarchy(Account account)
    {
        var id = Guid.NewGuid().ToString();
        Container container = await account.Database.CreateContainerAsync(new ContainerProperties(id, ["/a", "/b", "/c"]));
        for (var i = 0; i < 12; i++)
        {
            var item = new JObject { ["id"] = $"i{i}", ["a"] = $"a{i % 2}", ["b"] = i % 3, ["n"] = i % 4 };
            if (i % 4 != 0) item["c"] = i % 4 == 1 ? null : i % 4;
            await container.CreateItemAsync(item);
        }
        return container;
    }

    static async Task<(List<T> Results, int Pages)> Read<T>(Container container, string query, QueryRequestOptions options)
    {
        var results = new List<T>();
        var pages = 0;
        string? token = null;
        do
        {
            using var iterator = container.GetItemQueryIterator<T>(query, token, options);
            var page = await iterator.ReadNextAsync();
            results.AddRange(page);
            token = page.ContinuationToken;
            pages++;
        } while (token is not null && pages < 100);
        return (results, pages);
    }

    [Scenario]
    public static async Task PrefixesInPages(Account account)
    {
        var container = await Hierarchy(account);
        var key = new PartitionKeyBuilder().Add("a0").Build();
        var (results, _) = await Read<string>(container, "SELECT VALUE c.id FROM c ORDER BY c.n DESC", new() { PartitionKey = key, MaxItemCount = 1 });
        Expect.Equal(6, results.Distinct().Count(), "documents of a0: " + string.Join(",", results));
        var (two, _) = await Read<string>(container, "SELECT VALUE c.id FROM c", new() { PartitionKey = new PartitionKeyBuilder().Add("a0").Add(0).Build(), MaxItemCount = 1 });
        Expect.Sequence(["i0", "i6"], two.Order(), "documents of a0, 0");
    }

    [Scenario]
    public static async Task NoneAndNullInAHierarchy(Account account)
    {
        var container = await Hierarchy(account);
        var none = new PartitionKeyBuilder().Add("a0").Add(0).AddNoneType().Build();
        Expect.Equal("i0", (string?)(await container.ReadItemAsync<JObject>("i0", none)).Resource["id"], "none");
        var nothing = new PartitionKeyBuilder().Add("a1").Add(2).AddNullValue().Build();
        Expect.Equal("i5", (string?)(await container.ReadItemAsync<JObject>("i5", nothing)).Resource["id"], "null");
        var many = await container.ReadManyItemsAsync<JObject>([("i0", none), ("i5", nothing), ("i2", new PartitionKeyBuilder().Add("a0").Add(2).Add(2).Build())]);
        Expect.Equal(3, many.Count, "read many");
    }

    [Scenario]
    public static async Task GroupsInPages(Account account)
    {
        var container = await Hierarchy(account);
        var (groups, _) = await Read<JObject>(container, "SELECT c.b, COUNT(1) AS n, SUM(c.n) AS s, MAX(c.c) AS m FROM c GROUP BY c.b", new() { MaxItemCount = 1 });
        Expect.Equal(3, groups.Count, "groups");
        Expect.Equal(12, groups.Sum(group => (int)group["n"]!), "documents");
        var (empty, _) = await Read<JObject>(container, "SELECT COUNT(1) AS n, SUM(c.zzz) AS s, AVG(c.zzz) AS a FROM c WHERE c.zzz = 1", new() { MaxItemCount = 1 });
        Expect.Equal("{\"n\":0,\"s\":0}", empty.Single().ToString(Newtonsoft.Json.Formatting.None), "aggregates of nothing");
    }

    [Scenario]
    public static async Task ContainerMadeAnewByAnother(Account account)
    {
        var container = await account.NewContainer();
        for (var i = 0; i < 5; i++) await container.CreateItemAsync(new Order { Id = $"{i}" });
        using var other = Account.Connect();
        var database = other.GetDatabase(account.Database.Id);
        await database.GetContainer(container.Id).DeleteContainerAsync();
        await database.CreateContainerAsync(container.Id, "/state");
        await database.GetContainer(container.Id).CreateItemAsync(new Order { Id = "new" });
        // The first client has another partition key in mind.
        await container.CreateItemAsync(new Order { Id = "mine" });
        var (ids, _) = await Read<string>(container, "SELECT VALUE c.id FROM c", new());
        Expect.Sequence(["mine", "new"], ids.Order(), "documents");
        Expect.Equal("mine", (await container.ReadItemAsync<Order>("mine", new PartitionKey("placed"))).Resource.Id, "read");
    }

    [Scenario]
    public static async Task PatchesThatAreRefused(Account account)
    {
        var container = await account.NewContainer();
        await container.CreateItemAsync(new Order { Id = "1" });
        var key = new PartitionKey("ann");
        await Expect.Fails(HttpStatusCode.BadRequest, () => container.PatchItemAsync<Order>("1", key, [PatchOperation.Increment("/state", 1)]), "increment of a text");
        await Expect.Fails(HttpStatusCode.BadRequest, () => container.PatchItemAsync<Order>("1", key, [PatchOperation.Move("/nothing", "/total")]), "move of nothing");
        await Expect.Fails(HttpStatusCode.BadRequest, () => container.PatchItemAsync<Order>("1", key, [.. Enumerable.Range(0, 11).Select(i => PatchOperation.Set($"/n{i}", i))]), "eleven");
        var moved = await container.PatchItemAsync<JObject>("1", key, [PatchOperation.Move("/state", "/was~1is"), PatchOperation.Increment("/count", 2.5)]);
        Expect.Equal("placed", (string?)moved.Resource["was/is"], "moved");
        Expect.Equal(2.5, (double?)moved.Resource["count"], "incremented");
    }

    [Scenario]
    public static async Task IdsAndKeysOfAnyText(Account account)
    {
        var container = await account.NewContainer();
        foreach (var text in new[] { "😀", "ä b", "a+b&c=d", "it's \"q\"", "\u0001" })
        {
            await container.CreateItemAsync(new Order { Id = text, Customer = text });
            Expect.Equal(text, (await container.ReadItemAsync<Order>(text, new PartitionKey(text))).Resource.Id, "read");
            var (ids, _) = await Read<string>(container, "SELECT VALUE c.id FROM c", new() { PartitionKey = new PartitionKey(text) });
            Expect.Sequence([text], ids, "query");
            await container.DeleteItemAsync<Order>(text, new PartitionKey(text));
        }
    }
}
